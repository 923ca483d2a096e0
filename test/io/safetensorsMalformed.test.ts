import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError } from "../../src/core/errors.ts";
import { parse } from "../../src/io/safetensors.ts";
import { A, MALFORMED, raw } from "./malformedSafetensors.ts";
import { codeOf, f32, file } from "./safetensorsFile.ts";
import { slowSafetensors } from "./slowSafetensors.ts";

const malformed = suite("safetensors, malformed");
const json = "InvalidHeaderDeserialization";

for (const [code, what, bytes] of MALFORMED) {
  malformed(`refuses ${what} with ${code}`, () => {
    assert.is(
      codeOf(() => parse(bytes)),
      code,
    );
    assert.is(slowSafetensors(bytes), undefined, "the slow parser must refuse it too");
  });
}

malformed("names the byte and the tensor where the fault shows", () => {
  const at = (bytes: Uint8Array): { offset: number; message: string } => {
    try {
      parse(bytes);
    } catch (error) {
      if (error instanceof FormatError) return { offset: error.offset, message: error.message };
    }
    return { offset: -1, message: "" };
  };
  assert.is(at(raw(0x7b, 0x22, 0xc3)).offset, 10);
  assert.is(at(file("{}x")).offset, 10);
  assert.is(at(file('{"é":1}')).offset, 8 + 6); // "é" takes two bytes
  assert.is(at(file('{"a":{"dtype":1}}')).offset, 8 + 14);
  const overlap = at(file(`{"a":${A},"b\\n":${A}}`, 4));
  assert.is(overlap.offset, 8 + 6 + A.length);
  assert.match(overlap.message, 'tensor "b\\n" takes bytes 0 to 4');
  const long = at(file(`{"${"x".repeat(100000)}":${f32("[1]", 4, 8)}}`, 8));
  assert.ok(long.message.length < 400);
});

malformed("refuses deep nesting at its first bracket, without recursion", () => {
  const deep = 1_000_000;
  assert.is(
    codeOf(() => parse(file("[".repeat(deep)))),
    "InvalidHeaderStart",
  );
  assert.is(
    codeOf(() => parse(file('{"a":'.repeat(deep)))),
    json,
  );
  assert.is(
    codeOf(() => parse(file(`{"a":{"shape":${"[".repeat(deep)}`))),
    json,
  );
  assert.is(
    codeOf(() => parse(file(`{"__metadata__":${'{"a":'.repeat(deep)}`))),
    json,
  );
});

malformed("refuses headers that ask for more objects than a real file's, unless they are trusted", () => {
  const [keys, sizes, text] = [2 ** 16, 64, 16 * 2 ** 20];
  const tensors = (n: number): Uint8Array =>
    file(`{${Array.from({ length: n }, (_, i) => `"${i}":${f32("[0]", 0, 0)}`).join(",")}}`);
  const entries = (n: number): Uint8Array =>
    file(`{"__metadata__":{${Array.from({ length: n }, (_, i) => `"${i}":""`).join(",")}}}`);
  const rank = (n: number): Uint8Array => file(`{"a":${f32(`[${Array(n).fill(1)}]`, 0, 4)}}`, 4);
  const length = (n: number): Uint8Array => file(`{"__metadata__":{"a":"${"x".repeat(n - 13)}"}}`);
  const cases: [make: (n: number) => Uint8Array, limit: number, code: string][] = [
    [tensors, keys, "TooManyKeys"],
    [entries, keys, "TooManyKeys"],
    [rank, sizes, "TooManySizes"],
    [length, text, "TooMuchText"],
  ];
  for (const [make, limit, code] of cases) {
    const [most, over] = [make(limit), make(limit + 1)];
    assert.is(
      codeOf(() => parse(most)),
      "accepted",
      code,
    );
    assert.is(
      codeOf(() => parse(over)),
      code,
    );
    assert.is(
      codeOf(() => parse(over, { trusted: true })),
      "accepted",
      code,
    );
  }
});

malformed("reads keys and dtypes that are written with escapes", () => {
  const escaped = String.raw`{"a":{"\u0064type":"F\u00332","sh\u0061pe":[1],"data\u005foffsets":[0,4]}}`;
  assert.is(parse(file(escaped, 4)).tensors.get("a")?.dtype, "F32");
  const twice = escaped.replace("}}", String.raw`,"dtyp\u0065":"F32"}}`);
  assert.is(
    codeOf(() => parse(file(twice, 4))),
    "DuplicateKey",
  );
});

malformed("finds a bad byte of UTF-8 wherever it lies and wherever the file lies in memory", () => {
  const text = `{"${"abcdefghi".repeat(3)}é${"x".repeat(9)}🙂":`;
  const header = new TextEncoder().encode(text);
  for (let shift = 0; shift < 5; shift++)
    for (let at = 0; at < header.length; at++) {
      const moved = new Uint8Array(shift + 8 + header.length);
      moved.set(file(text), shift);
      const bytes = moved.subarray(shift);
      bytes[8 + at] = 0xff;
      // A sequence that lost a byte is bad where it starts.
      const starts = [29, 30].includes(at) ? 29 : at >= 40 && at < 44 ? 40 : at;
      try {
        parse(bytes);
        assert.unreachable();
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        assert.equal([error.code, error.offset], ["InvalidHeader", 8 + starts], `${at}, ${shift} bytes on`);
      }
    }
});

malformed("stays linear in the length of the header", () => {
  const started = performance.now();
  const million = 1_000_000;
  parse(file(`{${" ".repeat(8 * million)}}`));
  parse(file(`{"__metadata__":{"${"\\u0061".repeat(million)}":"${"é".repeat(million)}"}}`));
  parse(file(`{"a":${f32(`[${"1,".repeat(million)}1]`, 0, 4)}}`, 4), { trusted: true });
  assert.is(
    codeOf(() => parse(file(`{"a":${f32(`[${"9".repeat(8 * million)}]`, 0, 4)}}`, 4))),
    json,
  );
  const empty = Array.from({ length: 50_000 }, (_, i) => `"${i}":${f32("[0]", 0, 0)}`);
  assert.is(parse(file(`{${empty.join(",")}}`)).tensors.size, 50_000);
  // 35 MB in 0.4 s on two cores; anything quadratic would take hours.
  assert.ok(performance.now() - started < 20_000);
});

malformed.run();
