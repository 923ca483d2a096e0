import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError } from "../../src/core/errors.ts";
import { parse } from "../../src/io/safetensors.ts";
import { codeOf, f32, file } from "./safetensorsFile.ts";
import { slowSafetensors } from "./slowSafetensors.ts";

const malformed = suite("safetensors, malformed");

const A = f32("[1]", 0, 4);
const lie = (length: bigint, bytes = file("{}")): Uint8Array => {
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
};
const raw = (...header: number[]): Uint8Array =>
  lie(BigInt(header.length), Uint8Array.from([...Array(8).fill(0), ...header]));
const json = "InvalidHeaderDeserialization";

const MALFORMED: [code: string, what: string, bytes: Uint8Array][] = [
  ["HeaderTooSmall", "no bytes", new Uint8Array(0)],
  ["HeaderTooSmall", "seven bytes", new Uint8Array(7)],
  ["HeaderTooLarge", "a header of 100,000,001 bytes", lie(100_000_001n)],
  ["HeaderTooLarge", "a header of 2^53 + 1 bytes", lie(2n ** 53n + 1n)],
  ["HeaderTooLarge", "a header of 2^64 - 1 bytes", lie(2n ** 64n - 1n)],
  ["InvalidHeaderLength", "a header one byte longer than the file", lie(3n)],
  ["InvalidHeaderLength", "a header of 100,000,000 bytes that are not there", lie(100_000_000n)],
  ["InvalidHeader", "a byte that starts no UTF-8", raw(0x7b, 0xff, 0x7d)],
  ["InvalidHeader", "a UTF-8 sequence cut short", raw(0x7b, 0x22, 0xc3)],
  ["InvalidHeader", "an overlong UTF-8 slash", raw(0x7b, 0x22, 0xc0, 0xaf, 0x22)],
  ["InvalidHeader", "an overlong three byte sequence", raw(0x7b, 0xe0, 0x80, 0xaf)],
  ["InvalidHeader", "a surrogate in UTF-8", raw(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22)],
  ["InvalidHeader", "a code point above U+10FFFF", raw(0x7b, 0xf4, 0x90, 0x80, 0x80)],
  ["InvalidHeaderStart", "an empty header", lie(0n)],
  ["InvalidHeaderStart", "a byte order mark", file("\ufeff{}")],
  ["InvalidHeaderStart", "a space before the brace", file(" {}")],
  ["InvalidHeaderStart", "an array", file("[]")],
  [json, "an open brace alone", file("{")],
  [json, "no colon", file(`{"a"${A}}`, 4)],
  [json, "no comma", file(`{"a":${A}"b":${f32("[0]", 4, 4)}}`, 4)],
  [json, "a comma too many in the object", file(`{"a":${A},}`, 4)],
  [json, "a comma too many in the array", file(`{"a":${f32("[1,]", 0, 4)}}`, 4)],
  [json, "a key without quotes", file(`{a:${A}}`, 4)],
  [json, "a key in single quotes", file(`{'a':${A}}`, 4)],
  [json, "a key that does not end", file('{"a')],
  [json, "a line break in a string", file(`{"a\n":${A}}`, 4)],
  [json, "an escape that JSON has not", file(`{"\\x61":${A}}`, 4)],
  [json, "a unicode escape with three digits", file(`{"\\u061":${A}}`, 4)],
  [json, "a comment", file(`{/**/"a":${A}}`, 4)],
  [json, "a second object", file("{}{}")],
  [json, "a line break as padding", file("{}\n")],
  [json, "a NUL as padding", file("{}\0")],
  [json, "null for a tensor", file('{"a":null}')],
  [json, "an array for a tensor", file('{"a":[]}')],
  [json, "no dtype", file('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4)],
  [json, "no shape", file('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4)],
  [json, "no data_offsets", file('{"a":{"dtype":"F32","shape":[1]}}', 4)],
  [json, "a field too many", file(`{"a":${A.replace("}", ',"x":1}')}}`, 4)],
  [json, "a number for a dtype", file(`{"a":${A.replace('"F32"', "32")}}`, 4)],
  [json, "a shape that is a number", file(`{"a":${f32("1", 0, 4)}}`, 4)],
  [json, "a shape in a shape", file(`{"a":${f32("[[1]]", 0, 4)}}`, 4)],
  [json, "a fraction", file(`{"a":${f32("[1.0]", 0, 4)}}`, 4)],
  [json, "an exponent", file(`{"a":${f32("[1e0]", 0, 4)}}`, 4)],
  [json, "a negative size", file(`{"a":${f32("[-1]", 0, 4)}}`, 4)],
  [json, "a negative zero", file(`{"a":${f32("[-0]", 0, 0)}}`)],
  [json, "a leading zero", file(`{"a":${f32("[01]", 0, 4)}}`, 4)],
  [json, "a plus sign", file(`{"a":${f32("[+1]", 0, 4)}}`, 4)],
  [json, "a text for a size", file(`{"a":${f32('["1"]', 0, 4)}}`, 4)],
  [json, "2^53", file(`{"a":${f32("[9007199254740992]", 0, 4)}}`, 4)],
  [json, "2^64 + 1, which is 1 in 64 bits", file(`{"a":${f32("[18446744073709551617]", 0, 4)}}`, 4)],
  [json, "one offset", file(`{"a":${A.replace("[0,4]", "[0]")}}`, 4)],
  [json, "three offsets", file(`{"a":${A.replace("[0,4]", "[0,4,4]")}}`, 4)],
  [json, "metadata that is no object", file('{"__metadata__":"x"}')],
  [json, "metadata with a number", file('{"__metadata__":{"a":1}}')],
  [json, "metadata with an object", file('{"__metadata__":{"a":{}}}')],
  ["DuplicateKey", "a name twice", file(`{"a":${A},"a":${A}}`, 4)],
  ["DuplicateKey", "a name twice, once escaped", file(`{"a":${A},"\\u0061":${f32("[1]", 4, 8)}}`, 8)],
  ["DuplicateKey", "__proto__ twice", file(`{"__proto__":${A},"__proto__":${f32("[1]", 4, 8)}}`, 8)],
  ["DuplicateKey", "a field twice", file(`{"a":${A.replace("{", '{"dtype":"F32",')}}`, 4)],
  ["DuplicateKey", "a metadata key twice", file('{"__metadata__":{"a":"1","a":"1"}}')],
  ["DuplicateKey", "metadata twice", file('{"__metadata__":{},"__metadata__":{}}')],
  ["UnknownDType", "a dtype that does not exist", file(`{"a":${A.replace("F32", "F31")}}`, 4)],
  ["UnknownDType", "a dtype in lower case", file(`{"a":${A.replace("F32", "f32")}}`, 4)],
  ["UnknownDType", "a dtype named as an inherited property", file(`{"a":${A.replace("F32", "constructor")}}`, 4)],
  ["ValidationOverflow", "a product over 2^53", file(`{"a":${f32("[4294967296,4294967296]", 0, 4)}}`, 4)],
  ["ValidationOverflow", "a product over 2^53 before a zero", file(`{"a":${f32("[9007199254740991,2,0]", 0, 0)}}`)],
  ["ValidationOverflow", "as many bytes as 2^53", file(`{"a":${f32("[2251799813685248]", 0, 4)}}`, 4)],
  ["InvalidOffset", "data that begins after its start", file(`{"a":${f32("[1]", 4, 8)}}`, 8)],
  ["InvalidOffset", "an end before the begin", file(`{"a":${f32("[1]", 4, 0)}}`, 4)],
  ["InvalidOffset", "a hole", file(`{"a":${A},"b":${f32("[1]", 8, 12)}}`, 12)],
  ["InvalidOffset", "an overlap", file(`{"a":${f32("[2]", 0, 8)},"b":${f32("[2]", 4, 12)}}`, 12)],
  ["InvalidOffset", "two tensors in one place", file(`{"a":${A},"b":${A}}`, 4)],
  ["InvalidOffset", "an empty tensor inside another", file(`{"a":${f32("[2]", 0, 8)},"b":${f32("[0]", 4, 4)}}`, 8)],
  ["InvalidOffset", "an empty tensor after the end", file(`{"a":${A},"b":${f32("[0]", 8, 8)}}`, 4)],
  ["TensorInvalidInfo", "a range longer than the shape", file(`{"a":${f32("[1]", 0, 8)}}`, 8)],
  ["TensorInvalidInfo", "a range shorter than the shape", file(`{"a":${f32("[2]", 0, 4)}}`, 4)],
  ["TensorInvalidInfo", "a scalar without bytes", file(`{"a":${f32("[]", 0, 0)}}`)],
  ["MetadataIncompleteBuffer", "a byte after the data", file(`{"a":${A}}`, 5)],
  ["MetadataIncompleteBuffer", "a byte of data missing", file(`{"a":${A}}`, 3)],
  ["MetadataIncompleteBuffer", "data without tensors", file("{}", 1)],
  [
    "MetadataIncompleteBuffer",
    "4 TB of data that are not there",
    file(`{"a":${f32("[1099511627776]", 0, 4398046511104)}}`),
  ],
];

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

malformed("stays linear in the length of the header", () => {
  const started = performance.now();
  const million = 1_000_000;
  parse(file(`{${" ".repeat(8 * million)}}`));
  parse(file(`{"__metadata__":{"${"\\u0061".repeat(million)}":"${"é".repeat(million)}"}}`));
  parse(file(`{"a":${f32(`[${"1,".repeat(million)}1]`, 0, 4)}}`, 4));
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
