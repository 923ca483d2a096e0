import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Backend } from "../../src/backend/backend.ts";
import { Device } from "../../src/backend/device.ts";
import { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { init } from "../../src/index.ts";
import { diagnose } from "../../src/init/diagnose.ts";
import { fasterOf, openGpu } from "../../src/init/gpu.ts";
import { trialOf } from "../../src/init/trial.ts";
import { lossOf, testAdapter } from "../support/gpuJobs.ts";

const choice = suite("choice of a GPU");

/** Commands of the self-test's one step, in which a CPU must compute. */
const SELF_TEST = trialOf({ rows: 1, ins: 1, hidden: 1, classes: 1 }).commands.length;

/** The CPU device with another backend: what `change` makes of the real one. */
async function cpuWith(change: (backend: Backend) => Partial<Backend>): Promise<Device> {
  const { backend, math, host } = await init({ device: "cpu" });
  const real: Backend = {
    budget: backend.budget,
    readsAtOnce: backend.readsAtOnce,
    allocate: (bytes) => backend.allocate(bytes),
    free: (block) => backend.free(block),
    part: (block, offset, bytes) => backend.part(block, offset, bytes),
    write: (block, offset, bytes) => backend.write(block, offset, bytes),
    read: (block, offset, bytes) => backend.read(block, offset, bytes),
    run: (kernel, blocks, params) => backend.run(kernel, blocks, params),
    flush: () => backend.flush(),
  };
  return new Device({ type: "cpu", threads: 1, backend: { ...real, ...change(backend) }, math, host });
}

/** A CPU that computes in no time, once the self-test is over. */
const quickCpu = (): Promise<Device> =>
  cpuWith((backend) => {
    let commands = 0;
    return {
      run: (kernel, blocks, params) => {
        if (++commands <= SELF_TEST) backend.run(kernel, blocks, params);
      },
    };
  });

/** A CPU on which every read takes a minute by the clock, once the self-test is over, though nobody waits for it. */
const slowCpu = (clock: { skew: number }): Promise<Device> =>
  cpuWith((backend) => {
    let commands = 0;
    return {
      run: (kernel, blocks, params) => {
        if (++commands <= SELF_TEST) backend.run(kernel, blocks, params);
      },
      read: (block, offset, bytes) => {
        if (commands > SELF_TEST) clock.skew += 60_000;
        return backend.read(block, offset, bytes);
      },
    };
  });

/** Runs `work` with a clock that can be put forward. */
async function withClock(work: (clock: { skew: number }) => Promise<void>): Promise<void> {
  const real = performance.now;
  const clock = { skew: 0 };
  performance.now = () => real.call(performance) + clock.skew;
  try {
    await work(clock);
  } finally {
    performance.now = real;
  }
}

choice("the CPU is taken where its step is faster, and diagnose tells both times", async () => {
  const cpu = await quickCpu();
  const adapter = await testAdapter();
  const opened: GPUDevice[] = [];
  const open = async () => {
    const device = await adapter.open();
    opened.push(device);
    return device;
  };
  assert.is(await fasterOf(cpu, { ...adapter, open }), cpu);
  const { stepMs = 0, cpuStepMs = Infinity, reason } = diagnose().webgpu ?? {};
  assert.ok(stepMs > cpuStepMs, `${stepMs} ms, ${cpuStepMs} ms`);
  assert.match(reason ?? "", /^a step takes [\d.]+ ms on the GPU and [\d.]+ ms on the CPU$/);
  assert.equal(await Promise.all(opened.map(lossOf)), ["destroyed"]);
});

choice("the GPU is taken where its step is faster", () =>
  withClock(async (clock) => {
    const device = await fasterOf(await slowCpu(clock), await testAdapter());
    assert.is(device.type, "webgpu");
    const { stepMs = Infinity, cpuStepMs = 0 } = diagnose().webgpu ?? {};
    assert.ok(stepMs < cpuStepMs, `${stepMs} ms, ${cpuStepMs} ms`);
    (device.backend as WebGpuBackend).destroy();
  }),
);

choice("a hardware adapter has both tilings measured; the slower one's device is closed", async () => {
  const adapter = await testAdapter();
  const opened: GPUDevice[] = [];
  const open = async () => {
    const device = await adapter.open();
    opened.push(device);
    return device;
  };
  const cpu = await init({ device: "cpu" });
  const { backend } = await openGpu(cpu, { facts: { ...adapter.facts, software: false }, open });
  assert.instance(backend, WebGpuBackend);
  const { device, tiling } = backend as WebGpuBackend;
  const found = diagnose().webgpu;
  assert.is(found?.tiling, tiling);
  assert.ok((found?.stepMs ?? 0) > 0);
  assert.is(opened.length, 2);
  const others = opened.filter((each) => each !== device);
  assert.equal(await Promise.all(others.map(lossOf)), ["destroyed"]);
  device.destroy();
});

choice.run();
