import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Backend } from "../../src/backend/backend.ts";
import { Device } from "../../src/backend/device.ts";
import type { OpenedAdapter } from "../../src/backend/webgpu/adapter.ts";
import type { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { init } from "../../src/index.ts";
import { CORE } from "../../src/init/core.ts";
import { diagnose } from "../../src/init/diagnose.ts";
import { fasterOf, openGpu } from "../../src/init/gpu.ts";
import { trialOf } from "../../src/init/trial.ts";
import { lossOf, testAdapter } from "../support/gpuJobs.ts";

// Devices compute in the self-test alone. What is measured after it takes no time, or a minute by a clock that is put forward.

const choice = suite("choice of a GPU");

/** Commands of the self-test's one step. */
const SELF_TEST = trialOf(CORE.kernels, { rows: 1, ins: 1, hidden: 1, classes: 1 }).commands.length;
const MINUTE = 60_000;

interface Clock {
  skew: number;
}

/** Runs `work` with a clock that can be put forward. */
async function withClock(work: (clock: Clock) => Promise<void>): Promise<void> {
  const real = performance.now;
  const clock = { skew: 0 };
  performance.now = () => real.call(performance) + clock.skew;
  try {
    await work(clock);
  } finally {
    performance.now = real;
  }
}

/** The CPU device, whose every read takes `ms`. */
async function cpuOf(clock: Clock, ms: number): Promise<Device> {
  const { backend, math, host } = await init({ device: "cpu" });
  let commands = 0;
  const measured: Backend = {
    budget: backend.budget,
    readsAtOnce: backend.readsAtOnce,
    allocate: (bytes) => backend.allocate(bytes),
    free: (block) => backend.free(block),
    part: (block, offset, bytes) => backend.part(block, offset, bytes),
    write: (block, offset, data) => backend.write(block, offset, data),
    read: (block, offset, n, Elements) => {
      if (commands > SELF_TEST) clock.skew += ms;
      return backend.read(block, offset, n, Elements);
    },
    run: (kernel, blocks, params) => {
      if (++commands <= SELF_TEST) backend.run(kernel, blocks, params);
    },
    flush: () => backend.flush(),
  };
  return new Device({ type: "cpu", threads: 1, backend: measured, math, host });
}

interface Adapter extends OpenedAdapter {
  readonly opened: GPUDevice[];
}

/** The test's adapter; device k that it opens takes `ms[k]` for every list of commands but the first, the self-test's. */
async function adapterOf(clock: Clock, software: boolean, ms: readonly number[]): Promise<Adapter> {
  const { facts, open } = await testAdapter();
  const opened: GPUDevice[] = [];
  let opening = 0;
  const openOne = async () => {
    const time = ms[opening++] ?? 0;
    const device = await open();
    opened.push(device);
    const { queue } = device;
    const submit = queue.submit.bind(queue);
    let lists = 0;
    queue.submit = (list) => {
      if (++lists === 1) return submit(list);
      clock.skew += time;
      return undefined;
    };
    return device;
  };
  return { facts: { ...facts, software }, open: openOne, opened };
}

choice("the CPU is taken where its step is faster, and the GPU's device is closed", () =>
  withClock(async (clock) => {
    const [cpu, adapter] = [await cpuOf(clock, 0), await adapterOf(clock, true, [MINUTE])];
    assert.is(await fasterOf(CORE, cpu, adapter), cpu);
    assert.equal(await Promise.all(adapter.opened.map(lossOf)), ["destroyed"]);
  }),
);

choice("the GPU is taken where its step is faster", () =>
  withClock(async (clock) => {
    const device = await fasterOf(CORE, await cpuOf(clock, MINUTE), await adapterOf(clock, true, [0]));
    assert.is(device.type, "webgpu");
    (device.backend as WebGpuBackend).destroy();
  }),
);

choice("diagnose tells both times", () =>
  withClock(async (clock) => {
    await fasterOf(CORE, await cpuOf(clock, 0), await adapterOf(clock, true, [MINUTE]));
    const { stepMs = 0, cpuStepMs = Infinity, reason } = diagnose().webgpu ?? {};
    // A list of four steps took a minute.
    assert.ok(stepMs >= MINUTE / 4 && cpuStepMs < MINUTE / 4, `${stepMs} ms, ${cpuStepMs} ms`);
    assert.match(reason ?? "", /^a step takes [\d.]+ ms on the GPU and [\d.]+ ms on the CPU$/);
  }),
);

// The first device that a hardware adapter opens computes with tiles in workgroup memory, the second in registers.
for (const [slow, quick, ms] of [
  ["workgroup", "registers", [MINUTE, 0]],
  ["registers", "workgroup", [0, MINUTE]],
] as const)
  choice(`of a hardware adapter's two devices that with ${quick} is kept where ${slow} is slower`, () =>
    withClock(async (clock) => {
      const adapter = await adapterOf(clock, false, ms);
      const { backend } = await openGpu(CORE, await init({ device: "cpu" }), adapter);
      const { device, tiling } = backend as WebGpuBackend;
      assert.is(tiling, quick);
      assert.is(diagnose().webgpu?.tiling, quick);
      assert.is(adapter.opened.length, 2);
      const others = adapter.opened.filter((each) => each !== device);
      assert.equal(await Promise.all(others.map(lossOf)), ["destroyed"]);
      device.destroy();
    }),
  );

choice.run();
