import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, ShapeError } from "../../src/core/errors.ts";
import { parse, type SafeTensorInput, serialize } from "../../src/io/safetensors.ts";
import { readBytes } from "../support/files.ts";
import { codeOf, f32, file } from "./safetensorsFile.ts";

const safetensors = suite("safetensors");

/** One tensor of every dtype, two elements each, under names that sort against the dtypes. */
function everyDType(): Map<string, SafeTensorInput> {
  const bytes = (n: number): ArrayBuffer => Uint8Array.from({ length: n }, (_, i) => i + 1).buffer;
  const shape = [2];
  return new Map<string, SafeTensorInput>([
    ["z.bool", { dtype: "BOOL", shape, data: new Uint8Array(bytes(2)) }],
    ["y.uint8", { dtype: "U8", shape, data: new Uint8Array(bytes(2)) }],
    ["x.int8", { dtype: "I8", shape, data: new Int8Array(bytes(2)) }],
    ["w.float8_e5m2", { dtype: "F8_E5M2", shape, data: new Uint8Array(bytes(2)) }],
    ["v.float8_e4m3fn", { dtype: "F8_E4M3", shape, data: new Uint8Array(bytes(2)) }],
    ["u.int16", { dtype: "I16", shape, data: new Int16Array(bytes(4)) }],
    ["t.uint16", { dtype: "U16", shape, data: new Uint16Array(bytes(4)) }],
    ["s.float16", { dtype: "F16", shape, data: new Uint16Array(bytes(4)) }],
    ["r.bfloat16", { dtype: "BF16", shape, data: new Uint16Array(bytes(4)) }],
    ["q.int32", { dtype: "I32", shape, data: new Int32Array(bytes(8)) }],
    ["p.uint32", { dtype: "U32", shape, data: new Uint32Array(bytes(8)) }],
    ["o.float32", { dtype: "F32", shape, data: new Float32Array(bytes(8)) }],
    ["n.float64", { dtype: "F64", shape, data: new Float64Array(bytes(16)) }],
    ["m.int64", { dtype: "I64", shape, data: new BigInt64Array(bytes(16)) }],
    ["l.uint64", { dtype: "U64", shape, data: new BigUint64Array(bytes(16)) }],
    ["b\uffee", { dtype: "F32", shape: [0, 3], data: new Float32Array(0) }],
    ["b\u{1f600}", { dtype: "F32", shape: [], data: new Float32Array([1.5]) }],
    ['b\n"\\\x7f\x01/é', { dtype: "F32", shape: [1], data: new Float32Array([-2]) }],
  ]);
}

safetensors("takes tensors' own names of dtypes, so that what readState gives can be written as it is", () => {
  const shape = [2];
  const own = new Map<string, SafeTensorInput>([
    ["f", { dtype: "float32", shape, data: new Float32Array([1, -0]) }],
    ["i", { dtype: "int32", shape, data: new Int32Array([1, -2]) }],
    ["u", { dtype: "uint8", shape, data: new Uint8Array([3, 4]) }],
    ["b", { dtype: "bool", shape, data: new Uint8Array([0, 1]) }],
  ]);
  const spelled = new Map<string, SafeTensorInput>([
    ["f", { dtype: "F32", shape, data: new Float32Array([1, -0]) }],
    ["i", { dtype: "I32", shape, data: new Int32Array([1, -2]) }],
    ["u", { dtype: "U8", shape, data: new Uint8Array([3, 4]) }],
    ["b", { dtype: "BOOL", shape, data: new Uint8Array([0, 1]) }],
  ]);
  assert.equal(serialize(own), serialize(spelled));
  for (const dtype of ["float64", "toString", "F33"])
    assert.throws(
      () => serialize([["x", { dtype, shape: [1], data: new Float32Array(1) } as unknown as SafeTensorInput]]),
      (error: Error) => error instanceof DTypeError,
    );
});

safetensors("writes the bytes that the reference implementation writes", async () => {
  // SHA-256 of safetensors 0.8.0 (Python) for these tensors.
  const reference = "5c2d0cc181495c4c26a276a5385a12fac7a411dfb4a056bc9d932e90fd33a078";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", serialize(everyDType())));
  assert.is(Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""), reference);
});

safetensors("writes metadata as the reference implementation does", () => {
  const tensors: [string, SafeTensorInput][] = [["a", { dtype: "F32", shape: [1], data: new Float32Array(1) }]];
  const header = `{"__metadata__":{"k":"v"},"a":${f32("[1]", 0, 4)}} `; // safetensors 0.8.0 (Python)
  const expected = file(header, 4).fill(0, 8 + header.length);
  assert.equal(serialize(tensors, { k: "v" }), expected);
  assert.equal(serialize(tensors, new Map([["k", "v"]])), expected);
});

safetensors("writes the same bytes whatever the order of the input", () => {
  const pairs = [...everyDType()];
  const forward = serialize(pairs, { a: "1", b: "2", "": "3" });
  assert.equal(serialize(pairs.reverse(), { "": "3", b: "2", a: "1" }), forward);
});

safetensors("pads the header so that data starts at a multiple of 8", () => {
  for (let n = 0; n < 9; n++) {
    const bytes = serialize([["n".repeat(n), { dtype: "F64", shape: [], data: new Float64Array([n]) }]]);
    assert.is(bytes.length % 8, 0);
    assert.equal(parse(bytes).tensors.get("n".repeat(n))?.data, new Float64Array([n]));
  }
});

safetensors("reads back every dtype, shape and name", () => {
  const tensors = everyDType();
  const read = parse(serialize(tensors, { "": "empty", ["__proto__"]: "é\ud800" }));
  assert.is(read.tensors.size, tensors.size);
  for (const [name, tensor] of tensors) assert.equal(read.tensors.get(name), tensor, name);
  assert.equal([...read.metadata].sort(), [
    ["", "empty"],
    ["__proto__", "é\ud800"],
  ]);
});

safetensors("writes what it read without a change", () => {
  const bytes = serialize(everyDType(), { b: "x", a: "y" });
  const read = parse(bytes);
  assert.equal(serialize(read.tensors, read.metadata), bytes);
});

safetensors("reads from any place in memory, copying where it is not aligned", () => {
  const bytes = serialize(everyDType());
  for (let shift = 0; shift < 9; shift++) {
    const moved = new Uint8Array(bytes.length + shift);
    moved.set(bytes, shift);
    const { tensors } = parse(moved.subarray(shift));
    for (const [name, tensor] of everyDType()) assert.equal(tensors.get(name), tensor, `${name} at ${shift}`);
  }
});

safetensors("shares memory with an aligned file", () => {
  const bytes = serialize([["a", { dtype: "F32", shape: [1], data: new Float32Array([1]) }]]);
  assert.is(parse(bytes.buffer).tensors.get("a")?.data.buffer, bytes.buffer);
});

safetensors("treats every name as data", () => {
  const names = [
    "__proto__",
    "constructor",
    "",
    "\0",
    "\ud800",
    "\udc00x",
    "a\\u0061",
    "toString",
    "🙂",
    "é".repeat(300),
  ];
  const tensors = names.map((name, i): [string, SafeTensorInput] => [
    name,
    { dtype: "U8", shape: [1], data: new Uint8Array([i]) },
  ]);
  const read = parse(serialize(tensors)).tensors;
  assert.is(read.size, names.length);
  names.forEach((name, i) => void assert.equal(read.get(name)?.data, new Uint8Array([i]), JSON.stringify(name)));
});

safetensors("accepts what the format allows", () => {
  const entry = f32("[1]", 0, 4);
  assert.is(parse(file("{}")).tensors.size, 0);
  assert.is(parse(file("{}      ")).tensors.size, 0);
  assert.is(parse(file(`{"__metadata__":{},"a":${entry}}`, 4)).metadata.size, 0);
  assert.is(parse(file(`{\n\t"a" : ${entry.replaceAll(",", " ,\r\n")} }  `, 4)).tensors.size, 1);
  assert.equal([...parse(file(`{"b":${f32("[1]", 4, 8)},"a":${entry}}`, 8)).tensors.keys()], ["b", "a"]);
  assert.is(parse(file(`{"\\u0061\\n":${entry}}`, 4)).tensors.has("a\n"), true);
  assert.is(parse(file(`{"e":${f32("[0]", 4, 4)},"a":${entry},"s":${f32("[0]", 0, 0)}}`, 4)).tensors.size, 3);
  assert.equal(parse(file(`{"a":${f32("[0,9007199254740991]", 0, 0)}}`)).tensors.get("a")?.shape, [0, 2 ** 53 - 1]);
});

safetensors("takes NaN and infinity unless all must be finite", () => {
  const bad: SafeTensorInput[] = [
    { dtype: "F32", shape: [2], data: new Float32Array([1, Number.NaN]) },
    { dtype: "F64", shape: [2], data: new Float64Array([1, -Infinity]) },
    { dtype: "F16", shape: [2], data: new Uint16Array([0x3c00, 0x7c00]) },
    { dtype: "BF16", shape: [2], data: new Uint16Array([0x3f80, 0xffc0]) },
    { dtype: "F8_E5M2", shape: [2], data: new Uint8Array([0x3c, 0xfc]) },
    { dtype: "F8_E4M3", shape: [2], data: new Uint8Array([0x7e, 0xff]) },
  ];
  for (const tensor of bad) {
    const bytes = serialize([["a", tensor]]);
    assert.is(
      codeOf(() => parse(bytes)),
      "accepted",
      tensor.dtype,
    );
    assert.is(
      codeOf(() => parse(bytes, { requireFinite: true })),
      "NonFinite",
      tensor.dtype,
    );
  }
  const good: SafeTensorInput[] = [
    { dtype: "F32", shape: [1], data: new Float32Array([-3.4e38]) },
    { dtype: "F16", shape: [1], data: new Uint16Array([0x7bff]) },
    { dtype: "BF16", shape: [1], data: new Uint16Array([0x7f7f]) },
    { dtype: "F8_E5M2", shape: [1], data: new Uint8Array([0x7b]) },
    { dtype: "F8_E4M3", shape: [1], data: new Uint8Array([0x7e]) }, // 448, where E5M2 would have a NaN
    { dtype: "U32", shape: [1], data: new Uint32Array([0x7fc00000]) },
  ];
  for (const tensor of good)
    assert.is(
      codeOf(() => parse(serialize([["a", tensor]]), { requireFinite: true })),
      "accepted",
      tensor.dtype,
    );
});

safetensors("writes no file from tensors or metadata that do not fit", () => {
  const scalar: SafeTensorInput = { dtype: "U8", shape: [], data: new Uint8Array(1) };
  const throws = (run: () => unknown, kind: abstract new (...args: never[]) => Error): void =>
    assert.throws(run, (error: unknown) => error instanceof kind && error.message.startsWith("serialize: "));
  throws(() => serialize([["a", { ...scalar, shape: [2] }]]), ShapeError);
  throws(() => serialize([["a", { dtype: "U8", shape: [-1, -1], data: new Uint8Array(1) }]]), ShapeError);
  throws(() => serialize([["a", { dtype: "U8", shape: [0.5, 2], data: new Uint8Array(1) }]]), ShapeError);
  throws(() => serialize([["a", Object.assign({}, scalar, { dtype: "F31" })]]), DTypeError);
  throws(() => serialize([["a", Object.assign({}, scalar, { dtype: "F32" })]]), DTypeError);
  throws(() => serialize([["a", Object.assign({}, scalar, { data: [1] })]]), DTypeError);
  throws(() => serialize([["__metadata__", scalar]]), RangeError);
  throws(() => serialize(["a", "b", "a"].map((name) => [name, scalar])), RangeError);
  const metadata: Record<string, string> = JSON.parse('{"a":1}');
  throws(() => serialize([], metadata), TypeError);
});

// Counts and values as safetensors 0.8.0 (Python) reads them.
safetensors("reads PyTorch's initial weights", async () => {
  const { tensors } = parse(await readBytes("test/golden/init.safetensors"), { requireFinite: true });
  const weight = tensors.get("s0/linear_3_5/weight");
  assert.equal(weight?.shape, [5, 3]);
  const first = [-0.004322517663240433, 0.3097158372402191, -0.4751853346824646];
  assert.equal(Array.from(weight?.dtype === "F32" ? weight.data.subarray(0, 3) : []), first);
  assert.is(tensors.size, 31);
  assert.is(
    [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
    2480,
  );
});

safetensors("reads PyTorch's results of every operation", async () => {
  const { tensors } = parse(await readBytes("test/golden/ops.safetensors"));
  const count = (dtype: string): number => [...tensors.values()].filter((tensor) => tensor.dtype === dtype).length;
  assert.equal([count("F32"), count("F64"), count("I64")], [474, 224, 34]);
  assert.is(
    [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
    72401,
  );
  assert.is(tensors.get("linear/out.0.f64")?.data[0], -3.15088177958378);
  assert.equal(tensors.get("cross_entropy_sum/out.0.f64")?.shape, []);
});

safetensors.run();
