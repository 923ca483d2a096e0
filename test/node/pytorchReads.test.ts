import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { init, manualSeed, nn, randn, readState } from "../../src/index.ts";
import { type SafeTensorInput, serialize } from "../../src/io/safetensors.ts";
import { linesOf, slowSafetensors } from "../io/slowSafetensors.ts";

const reads = suite("PyTorch reads what serialize writes");

/** The Python that has PyTorch; where there is none, the slow reader of `test/io` reads instead. */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
);

const folder = mkdtempSync(join(tmpdir(), "torchlet-pytorch-"));
reads.after(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, [dtype: string, shape: number[], sum: number]>;
  readonly outputs?: number[][];
}

/** What PyTorch says of a file, by a reader that shares no code with ours; undefined without PyTorch. */
function askPyTorch(...files: Uint8Array[]): Told | undefined {
  if (python === undefined) return undefined;
  const paths = files.map((bytes, i) => {
    const path = join(folder, `${i}.safetensors`);
    writeFileSync(path, bytes);
    return path;
  });
  const { status, stdout, stderr } = spawnSync(python, ["test/support/readSafetensors.py", ...paths], {
    encoding: "utf8",
  });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as Told;
}

/** The file as the slow reader sees it must hold what was written. */
function checkSlowly(
  bytes: Uint8Array,
  tensors: ReadonlyMap<string, SafeTensorInput>,
  metadata: Map<string, string>,
): void {
  const spelling: Record<string, string> = { float32: "F32" };
  const entries = new Map<string, { dtype: string; shape: number[]; data: ArrayBufferView }>();
  for (const [name, { dtype, shape, data }] of tensors)
    entries.set(name, { dtype: spelling[dtype] ?? dtype, shape: [...shape], data });
  assert.equal(slowSafetensors(bytes), linesOf(entries, metadata));
}

reads("tensors of every dtype that it has, with names and metadata of any script", () => {
  const tensors = new Map<string, SafeTensorInput>([
    ["bool", { dtype: "BOOL", shape: [2], data: new Uint8Array([0, 1]) }],
    ["u8", { dtype: "U8", shape: [3, 1], data: new Uint8Array([1, 2, 255]) }],
    ["i8", { dtype: "I8", shape: [2], data: new Int8Array([-128, 5]) }],
    ["i16", { dtype: "I16", shape: [2], data: new Int16Array([-300, 7]) }],
    ["i32", { dtype: "I32", shape: [2], data: new Int32Array([-70000, 9]) }],
    ["i64", { dtype: "I64", shape: [2], data: new BigInt64Array([-5n, 2n ** 40n]) }],
    ["f16", { dtype: "F16", shape: [2], data: new Uint16Array([0x3c00, 0x4000]) }], // 1, 2
    ["bf16", { dtype: "BF16", shape: [2], data: new Uint16Array([0x3f80, 0xc000]) }], // 1, -2
    ["f32", { dtype: "F32", shape: [2, 2], data: new Float32Array([0.5, -0.25, 3, 4]) }],
    ["f64", { dtype: "F64", shape: [], data: new Float64Array([0.1]) }],
    ["empty", { dtype: "F32", shape: [0, 3], data: new Float32Array(0) }],
    ['é"\\\n🙂', { dtype: "F32", shape: [1], data: new Float32Array([6]) }],
  ]);
  const metadata = new Map([["größe", "\u0000\n"]]);
  const bytes = serialize(tensors, metadata);
  checkSlowly(bytes, tensors, metadata);
  const told = askPyTorch(bytes);
  if (told === undefined) return;
  assert.equal(told.metadata, { größe: "\u0000\n" });
  assert.equal(told.tensors, {
    bool: ["torch.bool", [2], 1],
    u8: ["torch.uint8", [3, 1], 258],
    i8: ["torch.int8", [2], -123],
    i16: ["torch.int16", [2], -293],
    i32: ["torch.int32", [2], -69991],
    i64: ["torch.int64", [2], 2 ** 40 - 5],
    f16: ["torch.float16", [2], 3],
    bf16: ["torch.bfloat16", [2], -1],
    f32: ["torch.float32", [2, 2], 7.25],
    f64: ["torch.float64", [], 0.1],
    empty: ["torch.float32", [0, 3], 0],
    'é"\\\n🙂': ["torch.float32", [1], 6],
  });
});

reads("a model, which then gives the same outputs there", async () => {
  await init({ device: "cpu" });
  manualSeed(3);
  const model = new nn.Sequential(new nn.Linear(5, 7), new nn.ReLU(), new nn.Linear(7, 3));
  const x = randn(4, 5);
  const state = await readState(model);
  const bytes = serialize(state);
  checkSlowly(bytes, state, new Map());
  const inputs = serialize([["x", { dtype: "F32", shape: [4, 5], data: Float32Array.from(await x.data()) }]]);
  const told = askPyTorch(bytes, inputs);
  if (told === undefined) return;
  const [mine, theirs] = [Array.from(await model(x).data()), told.outputs?.flat() ?? []];
  assert.is(theirs.length, 12);
  // 1e-6: sums of 5 and 7 products of about 1 in float32, in another order.
  for (const [i, value] of mine.entries())
    assert.ok(Math.abs(value - (theirs[i] ?? Number.NaN)) <= 1e-6, `output ${i}`);
});

reads.run();
