// Runs that a signal stops at some point, and runs side by side.
import { liveCounts } from "../../../src/lifetime.ts";
import { readState } from "../../../src/nn/state.ts";
import { collector, settle } from "./collector.ts";
import { fingerprint, type Kind, MemoryStore, open, smallRun } from "./smallRun.ts";

/** How a run was stopped. */
export interface Stopped {
  readonly status: string;
  /** Steps that were done after the signal. */
  readonly after: number;
  /** Whether the weights are finite and the run goes on from its checkpoint. */
  readonly isUsable: boolean;
}

/** Where a signal comes from: a step, the middle of a forward, or a timer. */
export interface Point {
  readonly by: "step" | "loss" | "time";
  /** Steps, calls of the loss, or milliseconds. */
  readonly at: number;
}

async function stop(kind: Kind, { by, at }: Point): Promise<Stopped> {
  const store = new MemoryStore();
  const controller = new AbortController();
  const { run, model } = smallRun(kind);
  let [steps, after, calls] = [0, 0, 0];
  const abort = (): void => controller.abort();
  const { forward } = model;
  model.forward = (x) => {
    if (by === "loss" && ++calls === at) abort();
    return forward.call(model, x);
  };
  const timer = by === "time" ? setTimeout(abort, at) : undefined;
  const onStep = (): void => {
    if (controller.signal.aborted) after++;
    if (by === "step" && ++steps === at) abort();
  };
  const { status } = await run({ checkpoint: store, onStep, signal: controller.signal });
  clearTimeout(timer);
  const weights = [...(await readState(model)).values()];
  const isSound = weights.every(({ data }) => data.every(Number.isFinite));
  const rest = smallRun(kind);
  const { status: end } = await rest.run(store.bytes ? { resume: store.bytes } : {}, 4);
  return { status, after, isUsable: isSound && end === "completed" };
}

/** Fingerprints of two runs' ends, one after the other or at once. */
async function pair(device: Kind["device"], together: boolean): Promise<string[]> {
  const stores = [new MemoryStore(), new MemoryStore()];
  const start = (i: number) => smallRun({ device, seed: i }).run({ checkpoint: stores[i] as MemoryStore });
  if (together) await Promise.all([start(0), start(1)]);
  else for (const i of [0, 1]) await start(i);
  return Promise.all(stores.map(({ bytes }) => fingerprint(bytes ?? new Uint8Array())));
}

export async function main({ device, points }: { readonly device: Kind["device"]; readonly points: readonly Point[] }) {
  await open(device);
  const collect = await collector();
  const stopped: Stopped[] = [];
  const held: number[] = [];
  for (const [i, point] of points.entries()) {
    stopped.push(await stop({ device, own: i % 2 === 1 }, point));
    await settle(collect);
    const { live, loose } = liveCounts();
    held.push(live - loose); // inputs and labels wait in a list of their own, which is bounded
  }
  const ends = { apart: await pair(device, false), together: await pair(device, true) };
  return { stopped, held, ...ends };
}
