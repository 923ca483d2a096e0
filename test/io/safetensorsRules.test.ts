import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ShapeError } from "../../src/core/errors.ts";
import { parse, type SafeTensorInput, serialize } from "../../src/io/safetensors.ts";
import { Linear } from "../../src/nn/linear.ts";
import { readState } from "../../src/nn/state.ts";
import { useCpu } from "../support/device.ts";
import { A, lie, raw } from "./malformedSafetensors.ts";
import { codeOf, f32, file } from "./safetensorsFile.ts";

await useCpu();

/** One test for each rule of the format and of its reader; `safetensorsMalformed.test.ts` has all the ways to break them. */
const rules = suite("safetensors, rule by rule");

const verdictOf = (bytes: Uint8Array): string => codeOf(() => parse(bytes));

/** Checks the verdicts of a few files. */
const expect = (verdicts: readonly (readonly [bytes: Uint8Array, verdict: string])[]): void =>
  verdicts.forEach(([bytes, verdict], i) => void assert.is(verdictOf(bytes), verdict, `file ${i}`));

const two = (a: string, b: string): string => `{"a":${a},"b":${b}}`;
const json = "InvalidHeaderDeserialization";

rules("1: a file has at least 8 bytes", () =>
  expect([
    [new Uint8Array(7), "HeaderTooSmall"],
    [new Uint8Array(8), "InvalidHeaderStart"],
    [file("{}"), "accepted"],
  ]),
);

rules("2: a header has at most 100,000,000 bytes by its 64-bit length", () =>
  expect([
    [lie(100_000_000n), "InvalidHeaderLength"],
    [lie(100_000_001n), "HeaderTooLarge"],
    [lie(2n ** 32n + 2n), "HeaderTooLarge"],
    [lie(2n ** 63n), "HeaderTooLarge"],
    [lie(2n ** 64n - 1n), "HeaderTooLarge"],
  ]),
);

rules("3: the header ends inside the file", () =>
  expect([
    [lie(3n), "InvalidHeaderLength"],
    [lie(2n), "accepted"],
  ]),
);

rules("4: the header is strict UTF-8", () =>
  expect([
    [raw(0x7b, 0xc0, 0x80), "InvalidHeader"],
    [file(`{"\u00e9\u{1f600}":${A}}`, 4), "accepted"],
  ]),
);

rules("5: the header starts with a brace", () =>
  expect([
    [file(" {}"), "InvalidHeaderStart"],
    [file("\ufeff{}"), "InvalidHeaderStart"],
    [file("[]"), "InvalidHeaderStart"],
  ]),
);

rules("6: the header is one JSON object, padded by spaces alone", () =>
  expect([
    [file("{}   "), "accepted"],
    [file("{}\n"), json],
    [file("{},"), json],
    [file("{'a':1}"), json],
  ]),
);

rules("7: no key comes twice, at any level, escaped or not", () =>
  expect([
    [file(two(A, f32("[1]", 4, 8)), 8), "accepted"],
    [file(two(A, f32("[1]", 4, 8)).replace('"b"', '"\\u0061"'), 8), "DuplicateKey"],
    [file(`{"a":${A.replace("{", '{"shape":[1],')}}`, 4), "DuplicateKey"],
    [file('{"__metadata__":{"x":"","x":""}}'), "DuplicateKey"],
    [file('{"__metadata__":{},"__metadata__":{}}'), "DuplicateKey"],
  ]),
);

rules("8: metadata may be left out and maps text to text", () =>
  expect([
    [file('{"__metadata__":{"a":"b"}}'), "accepted"],
    [file('{"__metadata__":{"a":null}}'), json],
    [file('{"__metadata__":[]}'), json],
  ]),
);

rules("9: an entry is dtype, shape and data_offsets, no more and no less, of a known dtype", () =>
  expect([
    [file(`{"a":{"data_offsets":[0,4],"shape":[1],"dtype":"I32"}}`, 4), "accepted"],
    [file(`{"a":{"dtype":"F32","shape":[1]}}`, 4), json],
    [file(`{"a":${A.replace("{", '{"strides":[1],')}}`, 4), json],
    [file(`{"a":${A.replace("F32", "F4")}}`, 4), "UnknownDType"],
  ]),
);

rules("10: sizes are whole numbers below 2^53, and so are their products", () =>
  expect([
    [file(`{"a":${f32("[-1]", 0, 4)}}`, 4), json],
    [file(`{"a":${f32("[1.0]", 0, 4)}}`, 4), json],
    [file(`{"a":${f32("[9007199254740992]", 0, 4)}}`, 4), json],
    [file(`{"a":${f32("[94906267,94906267]", 0, 4)}}`, 4), "ValidationOverflow"],
    [file(`{"a":${f32("[2251799813685248]", 0, 4)}}`, 4), "ValidationOverflow"],
  ]),
);

rules("11: data_offsets are two whole numbers, the second not below the first", () =>
  expect([
    [file(`{"a":${A.replace("[0,4]", "[0]")}}`, 4), json],
    [file(`{"a":${A.replace("[0,4]", "[0,4,4]")}}`, 4), json],
    [file(`{"a":${f32("[0]", 0, -1)}}`, 4), json],
    [file(two(A, f32("[1]", 4, 0)), 4), "InvalidOffset"],
  ]),
);

rules("12: tensors lie end to end from the first byte, in whatever order the header has them", () =>
  expect([
    [file(two(f32("[1]", 4, 8), A), 8), "accepted"],
    [file(`{"a":${f32("[1]", 4, 8)}}`, 8), "InvalidOffset"],
    [file(two(A, f32("[1]", 5, 9)), 9), "InvalidOffset"],
    [file(two(A, f32("[1]", 3, 7)), 7), "InvalidOffset"],
    [file(two(A, A), 4), "InvalidOffset"],
  ]),
);

rules("13: a tensor spans the bytes of its shape and dtype", () =>
  expect([
    [file(`{"a":${f32("[2]", 0, 4)}}`, 4), "TensorInvalidInfo"],
    [file(`{"a":${f32("[0]", 0, 4)}}`, 4), "TensorInvalidInfo"],
    [file(`{"a":${f32("[]", 0, 8)}}`, 8), "TensorInvalidInfo"],
  ]),
);

rules("14: the data ends where the file ends", () =>
  expect([
    [file(`{"a":${A}}`, 3), "MetadataIncompleteBuffer"],
    [file(`{"a":${A}}`, 5), "MetadataIncompleteBuffer"],
    [file("{}", 1), "MetadataIncompleteBuffer"],
  ]),
);

rules("15: an empty tensor or a scalar is a tensor, and an empty one lies between others", () =>
  expect([
    [file(two(f32("[0,5]", 0, 0), f32("[]", 0, 4)), 4), "accepted"],
    [file(two(f32("[]", 0, 4), f32("[0]", 4, 4)), 4), "accepted"],
    [file(two(f32("[2]", 0, 8), f32("[0]", 4, 4)), 8), "InvalidOffset"],
    [file(two(f32("[]", 0, 4), f32("[0]", 5, 5)), 4), "InvalidOffset"],
  ]),
);

rules("16: every name is data", () => {
  const names = ["__proto__", "constructor", "", "\\u0000", "\\ud800", "toString"];
  const header = names.map((name, i) => `"${name}":${f32("[1]", 4 * i, 4 * i + 4)}`);
  const { tensors } = parse(file(`{${header}}`, 4 * names.length));
  assert.equal([...tensors.keys()], ["__proto__", "constructor", "", "\0", "\ud800", "toString"]);
  const { metadata } = parse(file('{"__metadata__":{"__proto__":"x"}}'));
  assert.equal([...metadata], [["__proto__", "x"]]);
});

rules("17: NaN and infinity are allowed unless requireFinite is set", () => {
  const bytes = serialize([["a", { dtype: "F32", shape: [2], data: new Float32Array([1, Number.NaN]) }]]);
  assert.is(verdictOf(bytes), "accepted");
  assert.is(
    codeOf(() => parse(bytes, { requireFinite: true })),
    "NonFinite",
  );
});

rules(
  "18: a model takes a file of its own names, shapes and dtypes, or lists what differs and stays as it is",
  async () => {
    const model = new Linear(2, 1);
    const before = await readState(model);
    const state: [string, SafeTensorInput][] = [
      ["weight", { dtype: "F32", shape: [2, 1], data: new Float32Array(2) }],
      ["bias", { dtype: "I32", shape: [1], data: new Int32Array(1) }],
      ["extra", { dtype: "F32", shape: [], data: new Float32Array(1) }],
    ];
    try {
      model.loadStateDict(parse(serialize(state)).tensors);
      assert.unreachable("nothing was thrown");
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      for (const part of ["unexpected extra", "weight is [2, 1], expected [1, 2]", "bias holds Int32Array"])
        assert.ok(error.message.includes(part), error.message);
    }
    assert.equal(await readState(model), before);
    model.loadStateDict(parse(serialize(before)).tensors);
  },
);

rules("19: data that is not aligned in memory is copied, data that is shares it", () => {
  const bytes = file(`{"a":${A}} `.padEnd(64), 4); // data at byte 72
  const moved = new Uint8Array(bytes.length + 1);
  moved.set(bytes, 1);
  const [shared, copied] = [bytes, moved.subarray(1)].map((source) => parse(source).tensors.get("a")?.data);
  assert.is(shared?.buffer, bytes.buffer);
  assert.is.not(copied?.buffer, moved.buffer);
  assert.equal(copied, shared);
});

rules.run();
