// R10: memory stays flat.
import { runProgram } from "./support/programs.mjs";
import { ensure, same, tally } from "./support/tally.mjs";

export const title =
  "Memory stays flat: WebAssembly bytes, live tensors and GPU buffers are equal after many steps and after few, the heap grows by at most 50 bytes a step, and models that were thrown away leave nothing.";
export const seconds = 900;

/** From the second look on caches are full and the engine's young generation has its size: heap and RSS are judged from there. */
const RUNS = [
  { place: "node", device: "cpu", threads: 1, steps: [1000, 10_000, 20_000], lives: [20, 120] },
  { place: "node", device: "cpu", threads: 2, steps: [1000, 10_000, 20_000], lives: [20, 120] },
  { place: "deno webgpu", device: "webgpu", threads: 1, steps: [500, 2000], lives: [] },
  { place: "chromium webgpu", device: "webgpu", threads: 1, steps: [500, 2000], lives: [] },
];
const CUT = [
  { place: "node", device: "cpu", threads: 1, steps: [300, 1000], lives: [10, 20] },
  { place: "deno webgpu", device: "webgpu", threads: 1, steps: [100, 200], lives: [] },
];
const HEAP_BYTES_PER_STEP = 50;
const RSS_BYTES = 5e6;

const counts = ({ wasm, live, gpuBuffers }) => ({ wasm, live, gpuBuffers });

async function judge(t, where, steps, { run, lives }) {
  const [first, second, third] = run;
  await t.try(`${where}: steps ${steps[0]} and ${steps[1]}`, () => same(counts(second), counts(first)));
  if (third !== undefined) {
    const slope = (third.heap - second.heap) / (steps[2] - steps[1]);
    await t.try(`${where}: heap`, () => ensure(slope <= HEAP_BYTES_PER_STEP, `grows by ${slope} bytes a step`));
    await t.try(`${where}: RSS`, () =>
      ensure(third.rss - second.rss <= RSS_BYTES, `grew by ${third.rss - second.rss} bytes`),
    );
    await t.try(`${where}: steps ${steps[2]}`, () => same(counts(third), counts(second)));
  }
  const [few, many] = lives;
  if (many !== undefined) await t.try(`${where}: models that were thrown away`, () => same(counts(many), counts(few)));
}

export async function row({ cut }) {
  const t = tally();
  for (const { place, ...options } of cut ? CUT : RUNS) {
    const where = `${place}, ${options.threads} threads`;
    const held = await runProgram("flat", place, options, 280).catch((error) => error);
    if (held instanceof Error) await t.try(where, () => Promise.reject(held));
    else await judge(t, where, options.steps, held);
  }
  return t.result("comparisons");
}
