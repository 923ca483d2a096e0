// R10: memory stays flat.
import { runCollected } from "./support/programs.mjs";
import { ensure, same, tally } from "./support/tally.mjs";

export const title =
  "Memory stays flat: WebAssembly bytes, live tensors and GPU buffers are equal after many steps and after few, the heap grows by at most 50 bytes a step, and models that were thrown away leave nothing.";
export const seconds = 900;

/**
 * From the second look on caches are full: the heap and the process's memory are judged from there. On WebGPU small results that
 * wait for the host fill their first buffer in some 2,000 steps, and a second one begins while the first is in use.
 */
const RUNS = [
  { place: "node", device: "cpu", threads: 1, steps: [1000, 10_000, 20_000], lives: [20, 120] },
  { place: "node", device: "cpu", threads: 2, steps: [1000, 10_000, 20_000], lives: [20, 120] },
  { place: "deno webgpu", device: "webgpu", threads: 1, steps: [2500, 5000], lives: [] },
  { place: "chromium webgpu", device: "webgpu", threads: 1, steps: [2500, 5000], lives: [] },
];
const CUT = [
  { place: "node", device: "cpu", threads: 1, steps: [300, 1000], lives: [10, 20] },
  { place: "deno webgpu", device: "webgpu", threads: 1, steps: [100, 200], lives: [] },
];
const HEAP_BYTES_PER_STEP = 50;
const OWN_BYTES = 5e6;
/** V8's young generation grows in jumps of megabytes, late if few objects live long: memory is measured without its room. */
const NODE_OPTIONS = "--max-semi-space-size=1";

const counts = ({ wasm, live, gpuBuffers }) => ({ wasm, live, gpuBuffers });

async function judge(t, where, steps, { run, lives }) {
  const [first, second, third] = run;
  await t.try(`${where}: steps ${steps[0]} and ${steps[1]}`, () => same(counts(second), counts(first)));
  if (third !== undefined) {
    const slope = (third.heap - second.heap) / (steps[2] - steps[1]);
    await t.try(`${where}: heap`, () => ensure(slope <= HEAP_BYTES_PER_STEP, `grows by ${slope} bytes a step`));
    const grown = third.own - second.own;
    await t.try(`${where}: memory`, () => ensure(grown <= OWN_BYTES, `grew by ${grown} bytes`));
    await t.try(`${where}: steps ${steps[2]}`, () => same(counts(third), counts(second)));
  }
  const [few, many] = lives;
  if (many !== undefined) await t.try(`${where}: models that were thrown away`, () => same(counts(many), counts(few)));
}

export async function row({ cut }) {
  const t = tally();
  process.env.NODE_OPTIONS = NODE_OPTIONS; // this row's process is its own
  for (const { place, ...options } of cut ? CUT : RUNS) {
    const where = `${place}, ${options.threads} threads`;
    const held = await runCollected("flat", place, options, 280).catch((error) => error);
    if (held instanceof Error) await t.try(where, () => Promise.reject(held));
    else await judge(t, where, options.steps, held);
  }
  return t.result("comparisons");
}
