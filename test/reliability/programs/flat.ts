// What a long training loop holds after its first and after its last steps; and what is left of models that were thrown away.
import { tensor } from "../../../src/create.ts";
import { randn } from "../../../src/createRandom.ts";
import { defaultDevice } from "../../../src/backend/device.ts";
import { WebGpuBackend } from "../../../src/backend/webgpu/webgpu.ts";
import { diagnose, init } from "../../../src/index.ts";
import * as nn from "../../../src/nn/index.ts";
import type { Tensor } from "../../../src/tensor.ts";
import { Adam } from "../../../src/optim/index.ts";
import { collector, settle } from "./collector.ts";

interface Options {
  readonly device: "cpu" | "webgpu";
  readonly threads: number;
  /** Steps of one long run, after which is looked. */
  readonly steps: readonly number[];
  /** Numbers of models that were made, trained and disposed of, after which is looked. */
  readonly lives: readonly number[];
}

export interface Held {
  /** Bytes of WebAssembly memory, shared where there are threads. */
  readonly wasm: number;
  readonly live: number;
  readonly heldBytes: number;
  readonly gpuBuffers: number;
  /** Bytes of the JavaScript heap after a collection; 0 where none can be asked for. */
  readonly heap: number;
  /** Bytes of memory of the process's own, in RAM or swapped out; 0 where the system does not tell. */
  readonly own: number;
}

interface Memory {
  memoryUsage(): { readonly heapUsed: number };
}
const host = (globalThis as { readonly process?: Memory }).process;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/**
 * Bytes of memory of the process's own, in RAM or swapped out; 0 where Linux does not tell. Some kernels take pages that lie
 * idle from RAM, so what is resident alone comes and goes.
 */
async function ownBytes(): Promise<number> {
  if (host === undefined) return 0;
  const { readFile } = await import("node:fs/promises");
  const text = await readFile("/proc/self/status", "utf8").catch(() => "");
  const [anonymous = 0, swapped = 0] = ["RssAnon", "VmSwap"].map((name) =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0),
  );
  return (anonymous + swapped) * 1024;
}

async function look(collect: (() => void) | undefined): Promise<Held> {
  await settle(collect);
  const { backend, host: cpu } = defaultDevice();
  const memory = "memory" in backend ? (backend.memory as WebAssembly.Memory) : cpu.memory;
  const { live, heldBytes } = diagnose();
  const counters = backend instanceof WebGpuBackend ? backend.counters : { buffersCreated: 0, buffersDestroyed: 0 };
  const { heapUsed = 0 } = host?.memoryUsage() ?? {};
  return {
    wasm: memory.buffer.byteLength,
    live,
    heldBytes,
    gpuBuffers: counters.buffersCreated - counters.buffersDestroyed,
    heap: collect ? heapUsed : 0,
    own: await ownBytes(),
  };
}

/** A classifier, and a step of it. */
function training() {
  const model = new nn.Sequential(new nn.Linear(32, 16), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(16, 4));
  const optimizer = new Adam(model.parameters());
  const lossFn = new nn.CrossEntropyLoss();
  const y = tensor(Int32Array.from({ length: 8 }, (_, i) => i % 4)).keep();
  const batches = Array.from({ length: 4 }, () => randn(8, 32).keep());
  let at = 0;
  const step = async () => {
    const loss = lossFn(model(batches[at++ % batches.length] as Tensor), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
  };
  const end = () => {
    for (const each of [...model.parameters(), ...batches, y]) each.dispose();
  };
  return { step, end };
}

async function life(): Promise<void> {
  const { step, end } = training();
  for (let i = 0; i < 10; i++) await step();
  end();
}

/** Does something often, and looks after so many times. */
async function over(at: readonly number[], work: () => Promise<void>, look: () => Promise<Held>): Promise<Held[]> {
  const seen: Held[] = [];
  for (let i = 1; i <= Math.max(...at, 0); i++) {
    await work();
    if (i % 500 === 0) await pause(); // promises that resolve at once keep finalizers from running
    if (at.includes(i)) seen.push(await look());
  }
  return seen;
}

/** Steps in which whatever a collection has left of results that waited for the host is let go of. */
const AFTER_COLLECTION = 64;

export async function main({ device, threads, steps, lives }: Options): Promise<{ run: Held[]; lives: Held[] }> {
  await init({ device, threads });
  const collect = await collector();
  const { step } = training();
  const run = await over(steps, step, async () => {
    await settle(collect);
    for (let i = 0; i < AFTER_COLLECTION; i++) await step();
    return look(collect);
  });
  const round = async () => {
    await life();
    collect?.();
    await pause();
  };
  return { run, lives: await over(lives, round, () => look(collect)) };
}
