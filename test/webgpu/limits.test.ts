import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openAdapter } from "../../src/backend/webgpu/adapter.ts";
import { findGpu, mayHaveGpu } from "../../src/backend/webgpu/findGpu.ts";
import type { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { add } from "../../src/autograd.ts";
import type { TorchletError } from "../../src/core/errors.ts";
import { DeviceError, OutOfMemoryError } from "../../src/core/errors.ts";
import { ones, tensor } from "../../src/create.ts";
import { init } from "../../src/index.ts";
import { openBackend, testAdapter } from "../support/gpuJobs.ts";

interface Context {
  gpu: WebGpuBackend;
}

const limits = suite<Context>("limits");

limits.before.each(async (context) => {
  context.gpu = await openBackend();
});
limits.after.each(({ gpu }) => gpu.destroy());

/** The error of that class that a promise ends with. */
async function failure(
  promise: Promise<unknown>,
  type: new (message: string) => TorchletError,
): Promise<TorchletError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, type);
    return error as TorchletError;
  }
  throw new Error(`expected ${type.name}`);
}

/** 1 + 2 on a backend: that it still computes. */
async function adds(gpu: WebGpuBackend): Promise<boolean> {
  const [a, b, y] = [gpu.allocate(4), gpu.allocate(4), gpu.allocate(4)];
  gpu.write(a, 0, new Uint8Array(Float32Array.of(1).buffer));
  gpu.write(b, 0, new Uint8Array(Float32Array.of(2).buffer));
  gpu.run(add, [a, b, y], [1, 1, 1]);
  const [sum] = await gpu.read(y, 0, 1, Float32Array);
  for (const block of [a, b, y]) gpu.free(block);
  return sum === 3;
}

/** Makes the next error scope of that kind report an error, whatever happens inside it. */
function failNext(device: GPUDevice, kind: GPUErrorFilter, message: string): void {
  const push = device.pushErrorScope.bind(device);
  const pop = device.popErrorScope.bind(device);
  const kinds: GPUErrorFilter[] = [];
  let armed = true;
  device.pushErrorScope = (filter) => {
    kinds.push(filter);
    return push(filter);
  };
  device.popErrorScope = async () => {
    const fails = armed && kinds.pop() === kind;
    if (fails) armed = false;
    const error = await pop();
    return fails ? ({ message } as unknown as GPUError) : error;
  };
}

limits("a runtime without navigator.gpu is refused with the ways out", async () => {
  const { message } = await failure(findGpu({ navigator: {} }), DeviceError);
  assert.match(message, "this runtime has no navigator.gpu");
  assert.match(message, 'init({ device: "cpu" })');
});

limits("a runtime is asked for its own navigator.gpu first", async () => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  assert.is(await findGpu({ navigator: { gpu } }), gpu);
  assert.is(mayHaveGpu({ navigator: { gpu } }), true);
  assert.is(mayHaveGpu({ navigator: {} }), false);
});

limits("a machine without an adapter is refused with the way out", async () => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  const { message } = await failure(openAdapter(gpu, true), DeviceError);
  assert.match(message, 'webgpu: this machine offers no adapter; call init({ device: "cpu" })');
});

limits("a software adapter is asked for only where one is wanted", async () => {
  const asked: (GPURequestAdapterOptions | undefined)[] = [];
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    asked.push(options);
    return null;
  };
  const gpu = { requestAdapter } as unknown as GPU;
  await failure(openAdapter(gpu, false), DeviceError);
  assert.is(
    asked.some((options) => options?.forceFallbackAdapter),
    false,
  );
  await failure(openAdapter(gpu, true), DeviceError);
  assert.is(
    asked.some((options) => options?.forceFallbackAdapter),
    true,
  );
});

limits("an adapter that gives no device is refused with its name and reason", async () => {
  const requestDevice = () => Promise.reject(new Error("limit not supported"));
  const adapter = { info: { description: "Model T" }, features: new Set(), requestDevice };
  const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
  const { open, facts } = await openAdapter(gpu, true);
  assert.is(facts.software, false);
  const { message } = await failure(open(), DeviceError);
  assert.match(message, "webgpu: the adapter Model T gives no device within the default limits: limit not supported");
  assert.match(message, 'init({ device: "cpu" })');
});

limits("adapters that compute on the CPU are told apart by flag or by name", async () => {
  const factsOf = async (info: object) => {
    const gpu = { requestAdapter: async () => ({ info, features: new Set() }) } as unknown as GPU;
    return (await openAdapter(gpu, true)).facts.software;
  };
  assert.is(await factsOf({ description: "llvmpipe (LLVM 15)" }), true);
  assert.is(await factsOf({ vendor: "google", architecture: "swiftshader" }), true);
  assert.is(await factsOf({ description: "Microsoft Basic Render Driver" }), true);
  assert.is(await factsOf({ vendor: "any", isFallbackAdapter: true }), true);
  assert.is(await factsOf({ vendor: "nvidia", architecture: "ampere" }), false);
  assert.is((await testAdapter()).facts.software, true);
});

limits("a second device comes from a second adapter", async () => {
  const adapter = await testAdapter();
  const [one, other] = [await adapter.open(), await adapter.open()];
  assert.is.not(one, other);
  one.destroy();
  other.destroy();
});

limits("a buffer of the largest size can be had, one of a byte more cannot", async ({ gpu }) => {
  const most = Math.min(gpu.device.limits.maxBufferSize, gpu.device.limits.maxStorageBufferBindingSize);
  gpu.free(gpu.allocate(most));
  await gpu.finish();
  assert.throws(
    () => gpu.allocate(most + 1),
    (error: unknown) => error instanceof OutOfMemoryError && error.message.includes(`at most ${most}`),
  );
});

limits("a result over the limit fails at the call, and everything still works", async () => {
  await init({ device: "webgpu" });
  const [column, row] = [ones(6400, 1), ones(1, 6400)]; // 164 MB, where a buffer holds 134 MB
  assert.throws(
    () => column.matmul(row),
    (error: unknown) => error instanceof OutOfMemoryError && error.message.includes("split the tensor or the batch"),
  );
  assert.equal(await tensor([1, 2]).add(1).data(), Float32Array.of(2, 3));
  assert.is(await row.matmul(column).item(), 6400);
});

limits("a device without room says so at the next wait, with the size, and goes on", async ({ gpu }) => {
  failNext(gpu.device, "out-of-memory", "no memory left");
  const block = gpu.allocate(1 << 20);
  const { message } = await failure(Promise.resolve(gpu.read(block, 0, 1, Float32Array)), OutOfMemoryError);
  assert.match(message, `webgpu: the device has no room for ${1 << 20} bytes more`);
  assert.match(message, "no memory left");
  assert.ok(await adds(gpu));
});

limits("flush tells of missing room too, once", async ({ gpu }) => {
  failNext(gpu.device, "out-of-memory", "no memory left");
  gpu.allocate(1 << 20);
  await gpu.device.queue.onSubmittedWorkDone();
  await failure(Promise.resolve(gpu.flush()), OutOfMemoryError);
  await gpu.flush();
  await gpu.finish();
});

for (const when of ["before", "after"] as const)
  limits(
    `a buffer that found no room is not handed out again if it is freed ${when} the device says so`,
    async ({ gpu }) => {
      failNext(gpu.device, "out-of-memory", "no memory left");
      const block = gpu.allocate(1 << 20);
      if (when === "before") gpu.free(block);
      await failure(gpu.finish(), OutOfMemoryError);
      if (when === "after") gpu.free(block);
      assert.is.not(gpu.allocate(1 << 20).buffer, block.buffer);
    },
  );

limits("a list of commands that the device refuses fails at the next wait, and the next list runs", async ({ gpu }) => {
  const block = gpu.allocate(1024);
  gpu.run(add, [gpu.allocate(1024), gpu.allocate(1024), block], [256, 1, 1]);
  block.buffer.destroy(); // what no code of the package does
  const { message } = await failure(gpu.finish(), DeviceError);
  assert.match(message, "webgpu: a list of commands was refused: ");
  assert.ok(await adds(gpu));
});

limits("a kernel without a shader is refused by name", ({ gpu }) => {
  const kernel = { ...add, name: "unheard" };
  const block = gpu.allocate(4);
  assert.throws(() => gpu.run(kernel, [block, block, gpu.allocate(4)], [1, 1, 1]), "no shader for the kernel unheard");
});

limits("a block of another device is refused", async ({ gpu }) => {
  const cpu = (await init({ device: "cpu" })).backend;
  const block = cpu.allocate(4);
  assert.throws(
    () => gpu.run(add, [block, block, gpu.allocate(4)], [1, 1, 1]),
    (error: unknown) => error instanceof DeviceError && error.message.includes("a block of another device"),
  );
  cpu.free(block);
});

limits.run();
