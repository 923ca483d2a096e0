// Whether products choose well between all elements and those that are not zero: each is timed as it chooses, and by kernels
// that never and always skip zeros, in turns.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spread } from "./benchTable.mjs";
import { path } from "./setup.mjs";

/** Layers by the rows of their batches: inputs x outputs. */
const LAYERS = {
  1: "16x16 64x64 784x256 1024x1024 4096x4096",
  2: "784x256",
  4: "1024x1024",
  7: "256x256",
  32: "256x256",
  200: "16x16 32x32 33x33 64x64 100x50 256x10 256x256 784x16 784x48 784x256 784x1024 1024x1024 4096x4096",
  255: "256x128",
  2000: "16x16 64x64 784x256",
};
const SIZES = Object.entries(LAYERS).flatMap(([rows, layers]) =>
  layers.split(" ").map((layer) => [Number(rows), ...layer.split("x").map(Number)]),
);
const DENSITIES = [1, 0.8, 0.6, 0.49, 0.3, 0.13];
/** So many products of any of these rows, inputs and outputs besides, others in each run; of those of more operations there are enough. */
const RANDOM = 600;
const ROWS = [1, 2, 3, 4, 5, 7, 8, 10, 12, 16, 20, 31, 32, 33, 50, 64, 100, 128, 200, 255, 256, 500, 1000, 2000];
const WIDTHS = [16, 17, 20, 24, 32, 33, 48, 50, 64, 100, 128, 200, 256, 300, 512, 784, 1000, 1024];
const MOST_RANDOM = 3e8;
/** Operations of one measurement, and of those before any that make the engine compile. */
const CHUNK = 2e7;
const WARM_UP = 4e8;
const MOST_CALLS = 2000;
/** Products of up to so many operations are short: what else a machine does hits a round of them harder, so they have more rounds. */
const SHORT = 1e9;
const MORE_ROUNDS = 3;
/** What seems to have chosen badly is measured again in so many times as many rounds, which count: few rounds mistake a busy machine. */
const AGAIN = 5;

/** A product's time by its own choice / that of the better way. */
export const lossOf = ({ chosen, never, always }) => chosen / Math.min(never, always);
/** A choice that costs more than so much is told. */
export const NEAR = 1.1;

/** How the source of the product changes, so that it never or always skips zeros; the text is there once. */
const WAYS = {
  never: ["if (m * depth * (n / PANEL) < SMALL || (!rows && aRow != 4)) return 0;", "if (true) return 0;"],
  always: [/const most = mostListed\(.*\);/, "const most = 128;"],
};

function replaceOnce(text, [before, after]) {
  if (text.split(before).length !== 2) throw new Error(`the product's source does not hold once: ${before}`);
  return text.replace(before, after);
}

/** The bytes of the kernels with the product's choice made beforehand. */
async function kernelsThat(change) {
  const { buildKernels } = await import("./build.mjs"); // what it builds with may not be installed before
  const folder = mkdtempSync(join(tmpdir(), "torchlet-choice-"));
  try {
    for (const name of ["assembly", "asconfig.json"]) cpSync(path(name), join(folder, name), { recursive: true });
    const product = join(folder, "assembly/gemm.ts");
    writeFileSync(product, replaceOnce(readFileSync(product, "utf8"), change));
    return readFileSync(buildKernels(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the operands lie: the workspace, which begins where torchlet's does, then room for the largest. */
const AT = { workspace: 65536, a: 1 << 20, b: 1 << 28, y: 3 << 27, sums: (1 << 29) - (1 << 20) };
const PAGES = 8192;

/** What is measured of a layer: elements of the operand with zeros, which lies at `a`, and of the other one, and the call. */
const KINDS = {
  forward: {
    some: (rows, ins) => rows * ins,
    all: (_rows, ins, outs) => ins * outs,
    call: (kernels, rows, ins, outs) =>
      kernels.linear(AT.a, AT.b, AT.b, AT.y, AT.workspace, rows, ins, outs, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  },
  "gradient of the inputs": {
    some: (rows, _ins, outs) => rows * outs,
    all: (_rows, ins, outs) => ins * outs,
    call: (kernels, rows, ins, outs) =>
      kernels.matmul(AT.a, AT.b, AT.y, AT.workspace, 1, rows, ins, outs, 0, outs, 1, 0, ins, 1),
  },
  "gradient of the weight": {
    some: (rows, _ins, outs) => rows * outs,
    all: (rows, ins) => rows * ins,
    call: (kernels, rows, ins, outs) =>
      kernels.linearGradient(AT.a, AT.b, AT.y, AT.sums, AT.workspace, rows, ins, outs),
  },
  "gradient of the weight, zeros in the inputs": {
    some: (rows, ins) => rows * ins,
    all: (rows, _ins, outs) => rows * outs,
    call: (kernels, rows, ins, outs) =>
      kernels.linearGradient(AT.b, AT.a, AT.y, AT.sums, AT.workspace, rows, ins, outs),
  },
};

/** `[kind, rows, ins, outs, density]` of what is measured. */
function* products() {
  const kinds = Object.keys(KINDS);
  for (const size of SIZES) for (const density of DENSITIES) for (const kind of kinds) yield [kind, ...size, density];
  const oneOf = (list) => list[Math.floor(Math.random() * list.length)];
  for (let i = 0; i < RANDOM; ) {
    const size = [oneOf(ROWS), oneOf(WIDTHS), oneOf(WIDTHS)];
    if (operationsOf(...size) > MOST_RANDOM) continue;
    yield [oneOf(kinds), ...size, oneOf(DENSITIES)];
    i++;
  }
}

const operationsOf = (rows, ins, outs) => 2 * rows * ins * outs;

function fill(memory, at, n, density) {
  const elements = new Float32Array(memory.buffer, at, n);
  for (let i = 0; i < n; i++) elements[i] = Math.random() < density ? Math.random() + 0.1 : 0;
}

/** Microseconds of a call by each way, medians of rounds: three times as many of short ones. */
function timeOf(kernels, call, operations, leastRounds) {
  const rounds = operations > SHORT ? leastRounds : MORE_ROUNDS * leastRounds;
  const ways = Object.keys(kernels);
  const calls = Math.max(1, Math.min(MOST_CALLS, Math.round(CHUNK / operations)));
  const run = (way, n) => {
    const start = performance.now();
    for (let i = 0; i < n; i++) call(kernels[way]);
    return ((performance.now() - start) / n) * 1000;
  };
  for (const way of ways) run(way, Math.max(1, Math.min(MOST_CALLS, Math.round(WARM_UP / operations))));
  const times = Object.fromEntries(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++)
    for (const way of round % 2 ? ways : ways.toReversed()) times[way].push(run(way, calls));
  return Object.fromEntries(ways.map((way) => [way, spread(times[way]).median]));
}

/**
 * `{ rounds, short, shortRounds, again, random, results: [{ kind, rows, ins, outs, density, isAgain, chosen, never, always }] }`, microseconds
 * of one product; `isAgain` where it was measured in `again` times as many rounds.
 */
export async function measureChoice({ rounds }, progress) {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const bytes = { chosen: readFileSync(path("build/kernels.wasm")) };
  for (const [way, change] of Object.entries(WAYS)) bytes[way] = await kernelsThat(change);
  const kernels = {};
  for (const [way, source] of Object.entries(bytes))
    kernels[way] = (await WebAssembly.instantiate(source, { env: { memory, abort() {} } })).instance.exports;
  const results = [];
  for (const [kind, rows, ins, outs, density] of products()) {
    const { some, all, call } = KINDS[kind];
    progress(`choice: ${kind} of ${rows} x ${ins} x ${outs}, ${density * 100} % nonzeros`);
    fill(memory, AT.a, some(rows, ins, outs), density);
    fill(memory, AT.b, all(rows, ins, outs), 1);
    const timesIn = (n) => timeOf(kernels, (each) => call(each, rows, ins, outs), operationsOf(rows, ins, outs), n);
    const first = timesIn(rounds);
    const isAgain = lossOf(first) > NEAR;
    results.push({ kind, rows, ins, outs, density, isAgain, ...(isAgain ? timesIn(AGAIN * rounds) : first) });
  }
  return { rounds, short: SHORT, shortRounds: MORE_ROUNDS * rounds, again: AGAIN, random: RANDOM, results };
}
