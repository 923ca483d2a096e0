import { suite } from "uvu";
import * as assert from "uvu/assert";
import { add } from "../../src/autograd.ts";
import { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { DeviceLostError } from "../../src/core/errors.ts";
import { tensor } from "../../src/create.ts";
import { init } from "../../src/index.ts";
import { SGD } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { lossOf, openBackend } from "../support/gpuJobs.ts";

const destroyed = suite("a device that was destroyed");

/** Longer than anything here takes; what is not settled then hangs. */
const LIMIT_MS = 5000;

/** What a promise is rejected with; fails where it is kept, or neither in time. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("hangs"), LIMIT_MS);
  });
  const ended = promise.then(
    () => "was kept",
    (error: unknown) => error,
  );
  const found = await Promise.race([ended, late]);
  clearTimeout(timer);
  return found;
}

const isLost = (error: unknown): boolean => error instanceof DeviceLostError;

async function lose(promise: Promise<unknown>): Promise<void> {
  const error = await rejection(promise);
  assert.instance(error, DeviceLostError, String(error));
}

/** The default device's backend, on a GPU. */
async function webgpu(): Promise<WebGpuBackend> {
  const { backend } = await init({ device: "webgpu" });
  assert.instance(backend, WebGpuBackend);
  return backend as WebGpuBackend;
}

/** Destroys the device and waits until everybody has been told. */
async function lostTensor(): Promise<Tensor> {
  const backend = await webgpu();
  const x = tensor([1, 2]).add(1);
  await x.data();
  backend.destroy();
  assert.is(await lossOf(backend.device), "destroyed");
  return x;
}

destroyed("a read under way fails with DeviceLostError", async () => {
  const backend = await webgpu();
  const y = tensor([1]).add(1);
  const item = y.item();
  backend.destroy();
  await lose(item);
});

destroyed("item() fails with DeviceLostError right after the loss", async () => {
  const backend = await webgpu();
  const y = tensor([1]).add(1);
  backend.destroy();
  await lose(y.item());
});

destroyed("data() fails with DeviceLostError once everybody knows", async () => {
  const x = await lostTensor();
  await lose(x.data());
});

destroyed("an operation throws DeviceLostError", async () => {
  const x = await lostTensor();
  assert.throws(() => x.add(1), isLost);
});

destroyed("backward throws DeviceLostError", async () => {
  const backend = await webgpu();
  const w = tensor([1, 2], { requiresGrad: true });
  const loss = w.mul(w).sum();
  await loss.item();
  backend.destroy();
  await lose(loss.item());
  assert.throws(() => loss.backward(), isLost);
});

destroyed("optimizer.step() fails with DeviceLostError", async () => {
  const backend = await webgpu();
  const w = tensor([1, 2], { requiresGrad: true });
  const optimizer = new SGD([w], { lr: 0.1 });
  w.mul(w).sum().backward();
  await optimizer.step();
  backend.destroy();
  await lose(w.data());
  await lose(optimizer.step());
});

destroyed("the message tells the reason and the way on", async () => {
  const gpu = await openBackend();
  const block = gpu.allocate(4);
  gpu.destroy();
  const error = await rejection(Promise.resolve(gpu.read(block, 0, 1, Float32Array)));
  assert.match(String(error), "webgpu: the device was lost (destroyed): ");
  assert.match(String(error), "call init() again and load a saved state");
});

destroyed("everything that waits is told: reads, flush and finish", async () => {
  const gpu = await openBackend();
  const [a, b, y] = [gpu.allocate(1 << 22), gpu.allocate(1 << 22), gpu.allocate(1 << 22)];
  const flushes: (Promise<void> | undefined)[] = [];
  for (let i = 0; i < 8; i++) {
    gpu.run(add, [a, b, y], [1 << 20, 1, 1]);
    flushes.push(gpu.flush());
  }
  const waiting = [
    gpu.read(y, 0, 1, Float32Array),
    gpu.read(y, 4, 1, Float32Array),
    gpu.finish(),
    ...flushes.filter((each) => each !== undefined),
  ];
  assert.ok(waiting.length > 3, "no flush had to wait");
  gpu.destroy();
  const ends = await Promise.all(waiting.map((each) => rejection(Promise.resolve(each))));
  // Waits for work may be kept just before the loss shows.
  assert.equal(
    ends.filter((end) => !isLost(end) && end !== "was kept"),
    [],
  );
  assert.ok(ends.slice(0, 2).every(isLost));
});

destroyed("a backend knows that it is lost, and refuses everything at once", async () => {
  const gpu = await openBackend();
  const block = gpu.allocate(4);
  assert.is(gpu.isLost, false);
  gpu.destroy();
  await lose(Promise.resolve(gpu.read(block, 0, 1, Float32Array)));
  assert.is(gpu.isLost, true);
  assert.throws(() => gpu.allocate(4), isLost);
  assert.throws(() => gpu.write(block, 0, new Uint8Array(4)), isLost);
  assert.throws(() => gpu.run(add, [block, block, block], [1, 1, 1]), isLost);
  assert.throws(() => gpu.flush(), isLost);
  await lose(Promise.resolve(gpu.read(block, 0, 1, Float32Array)));
  await lose(gpu.finish());
});

destroyed("init opens another device, on which everything works", async () => {
  await lostTensor();
  const backend = await webgpu();
  assert.is(backend.isLost, false);
  assert.equal(await tensor([1, 2]).add(1).data(), Float32Array.of(2, 3));
});

destroyed.run();
