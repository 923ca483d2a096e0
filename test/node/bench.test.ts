import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly modes?: readonly { readonly median: number; readonly count: number }[];
}
interface Table {
  modes(values: readonly number[]): Spread["modes"] | null;
  spread(values: readonly number[]): Spread;
  pairedRatio(ours: readonly number[], theirs: readonly number[]): number | null;
  markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string;
  showSpread(value: Spread, show: (value: number) => string): string;
  threeDigits(value: number): string;
}
interface Options {
  readonly only: readonly string[];
  readonly [name: string]: unknown;
}
type Kernels = Record<string, { ms: number; calls: number }>;
interface Breakdown {
  phasesOf(round: { timedMs: number; kernels: Kernels }): readonly { phase: string; ms: number; calls: number }[];
}
interface Layer {
  readonly ins: number;
  readonly outs: number;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}
type Parts = Record<string, unknown>;

const load = (file: string): Promise<unknown> => import(pathToFileURL(resolve(file)).href);
const table = (await load("scripts/benchTable.mjs")) as Table;
const { parseOptions } = (await load("scripts/benchOptions.mjs")) as { parseOptions(args: readonly string[]): Options };
const { onnxModel } = (await load("bench/onnx.mjs")) as { onnxModel(layers: readonly Layer[]): Uint8Array };
const { phasesOf } = (await load("scripts/benchBreakdown.mjs")) as Breakdown;
const { withMeasured } = (await load("scripts/benchRecord.mjs")) as {
  withMeasured(text: string, parts: Parts): string;
};
const { stepsFor } = (await load("scripts/benchGrowth.mjs")) as { stepsFor(ms: number): number };

const bench = suite("bench");

bench("the median of an even number of values lies between the two in the middle", () => {
  assert.equal(table.spread([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  assert.equal(table.spread([5]), { median: 5, min: 5, max: 5 });
});

bench("values that jump between two levels have two modes, each with how often it came", () => {
  const values = [1.31, 2.1, 1.3, 1.25, 2.05, 1.28, 2.2];
  const found = [
    { median: 1.29, count: 4 },
    { median: 2.1, count: 3 },
  ];
  assert.equal(table.modes(values), found);
  assert.equal(table.spread(values).modes, found);
});

bench("one level with noise, an even spread, a single outlier and two near levels have one mode", () => {
  assert.is(table.modes([1, 1.02, 0.98, 1.01, 0.99, 1.03, 1]), null);
  assert.is(table.modes([1, 2, 3, 4, 5, 6, 7, 8]), null);
  assert.is(table.modes([1, 1, 1, 1.01, 1.02, 1.01, 9]), null, "once is no mode");
  assert.is(table.modes([1, 1, 1, 1.1, 1.1, 1.1, 1.1]), null, "nearer than 15 %");
  assert.is(table.modes([1, 1, 2]), null, "too few to tell");
});

bench("a ratio is the median of the rounds' own ratios, not the ratio of the medians", () => {
  assert.is(table.pairedRatio([1, 2, 30], [2, 8, 60]), 0.5);
  assert.is(table.pairedRatio([], [1]), null);
});

bench("a measurement shows its spread, or both of its modes", () => {
  const show = (value: number): string => value.toFixed(1);
  assert.is(table.showSpread({ median: 2, min: 1, max: 3 }, show), "2.0 (1.0–3.0)");
  assert.is(table.showSpread({ median: 2, min: 2, max: 2 }, show), "2.0");
  const modes = [
    { median: 1, count: 4 },
    { median: 2, count: 3 },
  ];
  assert.is(table.showSpread({ median: 1, min: 1, max: 2, modes }, show), "1.0 (4 × 1.0, 3 × 2.0)");
});

bench("numbers have three significant digits and no exponent", () => {
  const shown = [0, 0.001234, 0.0996, 1.005, 12.34, 123.4, 1234, 98765].map(table.threeDigits);
  assert.equal(shown, ["0", "0.00123", "0.0996", "1.00", "12.3", "123", "1230", "98800"]);
});

bench("a table is aligned, the first column to the left and the others to the right", () => {
  assert.is(
    table.markdownTable(
      ["system", "ms"],
      [
        ["a", "1.5"],
        ["longer name", "12.5"],
      ],
    ),
    ["| system      |   ms |", "|-------------|-----:|", "| a           |  1.5 |", "| longer name | 12.5 |"].join("\n"),
  );
});

bench("everything but the growth and whole jobs is measured unless the command line says otherwise", () => {
  const { only, jobs, rounds, write } = parseOptions([]);
  assert.equal(only, ["node", "chromium", "webgpu", "breakdown", "cold", "size", "choice"]);
  assert.equal([jobs, rounds, write], [0, 7, false]);
  assert.is(parseOptions(["--growth"]).only.at(-1), "growth");
  assert.equal(parseOptions(["--only", "size,node"]).only, ["node", "size"], "in the order of a run");
  assert.equal(parseOptions(["--only", "size", "--growth"]).only, ["size", "growth"]);
  assert.is(parseOptions(["--gpu-steps", "5"])["gpuSteps"], 5);
  assert.equal(parseOptions(["--peers", "jax-js,PyTorch"]).peers, ["torchlet", "pytorch", "jax-js"]);
});

bench("options that cannot be are refused with a sentence", () => {
  assert.throws(() => parseOptions(["--rounds", "6"]), /--rounds must be a whole number of at least 7, got 6/);
  assert.throws(() => parseOptions(["--jobs", ""]), /--jobs must be a whole number/);
  assert.throws(() => parseOptions(["--only", "firefox"]), /--only takes node, chromium, .* got firefox/);
  assert.throws(() => parseOptions(["--peers", "numpy"]), /--peers takes torchlet, .* got numpy/);
  assert.throws(() => parseOptions(["--write", "--growth"]), /--write takes over/);
  assert.throws(() => parseOptions(["--fast"]), /fast/);
});

bench("the phases of a step and the rest make the whole of it", () => {
  const kernels = {
    linear: { ms: 2, calls: 5 },
    crossEntropy: { ms: 0.25, calls: 1 },
    reduceLoss: { ms: 0.25, calls: 1 },
    stridedCopy: { ms: 0.5, calls: 2 },
  };
  assert.equal(phasesOf({ timedMs: 4, kernels }), [
    { phase: "forward: product, bias, ReLU, dropout", ms: 2, calls: 5 },
    { phase: "loss, and its gradient", ms: 0.5, calls: 2 },
    { phase: "other kernels", ms: 0.5, calls: 2 },
    { phase: "everything else", ms: 1, calls: 0 },
  ]);
});

bench("a measurement of growth takes a quarter of a second, or one step", () => {
  assert.equal([0.01, 1, 100, 4000].map(stepsFor), [2000, 250, 3, 1]);
});

bench("only the regions of what was measured are written into the guide", () => {
  const region = (name: string, text: string): string =>
    `<!-- measured: ${name} -->\n${text}\n<!-- measured until here -->`;
  const machine = { cpu: "A CPU", cores: 2, node: "v20.1.0" };
  const results = [{ name: "torchlet", version: "0.1.0", scriptBytes: 46500, wasmBytes: 0 }];
  const size = { date: "2026-01-02T03:04:05Z", machine, results };
  const text = `before\n${region("size", "stale")}\nbetween\n${region("cold", "kept")}\nafter\n`;
  const written = withMeasured(text, { size });
  assert.match(written, /before\n<!-- measured: size -->\n\n### What a page loads/);
  assert.match(written, /\| torchlet 0\.1\.0 \|\s+46\.5 \|/);
  assert.match(written, /Measured on 2026-01-02: A CPU, 2 cores, Node 20\.1\.0\./);
  assert.match(written, /\nbetween\n<!-- measured: cold -->\nkept\n<!-- measured until here -->\nafter\n$/);
  assert.not.match(written, /stale/);
  assert.is(withMeasured(written, { size }), written, "twice is as good as once");
});

/** Fields of a Protocol Buffers message: numbers, and bytes for everything of a length. */
function fieldsOf(bytes: Uint8Array): [field: number, value: number | Uint8Array][] {
  const fields: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (; (bytes[at] ?? 0) > 127; scale *= 128) value += ((bytes[at++] ?? 0) - 128) * scale;
    return value + (bytes[at++] ?? 0) * scale;
  };
  while (at < bytes.length) {
    const tag = varint();
    assert.ok(tag % 8 === 0 || tag % 8 === 2, `wire type ${tag % 8}`);
    const value = varint();
    if (tag % 8 === 2) at += value;
    fields.push([Math.floor(tag / 8), tag % 8 === 0 ? value : bytes.subarray(at - value, at)]);
  }
  return fields;
}

const inside = (bytes: Uint8Array, field: number): Uint8Array[] =>
  fieldsOf(bytes).flatMap(([found, value]) => (found === field && typeof value !== "number" ? [value] : []));
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

bench("an ONNX model has the nodes, names and weights of its layers", () => {
  const layer = (ins: number, outs: number): Layer => ({
    ins,
    outs,
    weight: Float32Array.from({ length: ins * outs }, (_, index) => index / 4),
    bias: new Float32Array(outs).fill(-1),
  });
  const model = onnxModel([layer(300, 2), layer(2, 1)]);
  const [[irField, irVersion] = []] = fieldsOf(model);
  assert.equal([irField, irVersion], [1, 8]);
  assert.equal(inside(model, 8).map(fieldsOf), [[[2, 13]]], "operators of version 13");
  const [graph = new Uint8Array()] = inside(model, 7);
  const nodes = inside(graph, 1).map((node) => [
    text(inside(node, 4)[0]),
    inside(node, 1).map(text).join(" "),
    text(inside(node, 2)[0]),
  ]);
  assert.equal(nodes, [
    ["Gemm", "x w0 b0", "z0"],
    ["Relu", "z0", "a1"],
    ["Gemm", "a1 w1 b1", "y"],
  ]);
  const [first = new Uint8Array(), , second] = inside(graph, 5);
  const sizes = fieldsOf(first).filter(([field]) => field === 1 || field === 2);
  assert.equal(
    sizes,
    [
      [1, 2],
      [1, 300],
      [2, 1],
    ],
    "[outs, ins] of float32",
  );
  const [raw = new Uint8Array()] = inside(first, 9);
  assert.equal(new Float32Array(raw.slice().buffer), layer(300, 2).weight);
  assert.is(text(inside(second ?? first, 8)[0]), "w1");
});

bench("an ONNX model of one weight has the bytes that the format's definition gives", () => {
  const bytes = onnxModel([{ ins: 1, outs: 1, weight: new Float32Array([1]), bias: new Float32Array([0]) }]);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const gemm = "0a0178 0a027730 0a026230 120179 220447656d6d 2a0d 0a067472616e7342 1801 a00102"; // x, w0, b0 -> y, transB = 1
  const weight = "0801 0801 1001 42027730 4a04 0000803f";
  const bias = "0801 1001 42026230 4a04 00000000";
  const type = "1213 0a11 0801 120d 0a07 12056261746368 0a02 0801"; // f32["batch", 1]
  const length = (parts: string): string => (parts.replaceAll(" ", "").length / 2).toString(16).padStart(2, "0");
  const field = (tag: string, parts: string): string => `${tag}${length(parts)}${parts}`;
  const graph = [
    field("0a", gemm),
    field("12", "6d6c70"),
    field("2a", weight),
    field("2a", bias),
    field("5a", `0a0178 ${type}`),
    field("62", `0a0179 ${type}`),
  ].join("");
  const expected = `0808 3a8001${graph} 4202 100d`; // the graph has 128 bytes: 80 01, the lowest seven bits first
  assert.is(hex, expected.replaceAll(" ", ""));
});

bench.run();
