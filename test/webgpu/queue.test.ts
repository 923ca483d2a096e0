import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Block } from "../../src/backend/backend.ts";
import type { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { add } from "../../src/autograd.ts";
import { DeviceError } from "../../src/core/errors.ts";
import { kernel } from "../../src/core/kernel.ts";
import { tensor } from "../../src/create.ts";
import { init } from "../../src/index.ts";
import { linearGradientKernel } from "../../src/ops/linear.ts";
import { reluKernel } from "../../src/ops/relu.ts";
import { openBackend } from "../support/gpuJobs.ts";

interface Context {
  gpu: WebGpuBackend;
}

const queue = suite<Context>("queue of commands");

queue.before(async (context) => {
  context.gpu = await openBackend();
});
queue.after(({ gpu }) => gpu.destroy());

const floatsOf = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(Float32Array.from(values).buffer);

function put(gpu: WebGpuBackend, ...values: number[]): Block {
  const block = gpu.allocate(4 * values.length);
  gpu.write(block, 0, floatsOf(...values));
  return block;
}

const read = async (gpu: WebGpuBackend, block: Block, n: number): Promise<number[]> =>
  Array.from(await gpu.read(block, 0, n, Float32Array));

queue("more commands than a list holds run in their order", async ({ gpu }) => {
  const [one, a, b] = [put(gpu, 1), put(gpu, 0), put(gpu, 0)];
  const before = gpu.counters.submits;
  for (let i = 0; i < 700; i++) {
    gpu.run(add, [a, one, b], [1, 1, 1]);
    gpu.run(add, [b, one, a], [1, 1, 1]);
  }
  assert.equal(await read(gpu, a, 1), [1400]);
  assert.is(gpu.counters.submits - before, 3);
});

queue("small writes between kernels take effect in their order", async ({ gpu }) => {
  const [x, total] = [put(gpu, 0), put(gpu, 0)];
  for (let i = 1; i <= 100; i++) {
    gpu.write(x, 0, floatsOf(i));
    gpu.run(add, [total, x, total], [1, 1, 1]);
  }
  assert.equal(await read(gpu, total, 1), [5050]);
});

queue("small writes that fill the list end it, and none is lost", async ({ gpu }) => {
  const n = 4096; // 16 KiB, the largest of the small ones
  const [x, total] = [gpu.allocate(4 * n), gpu.allocate(4 * n)];
  gpu.write(total, 0, new Uint8Array(4 * n));
  for (let i = 1; i <= 20; i++) {
    gpu.write(x, 0, new Uint8Array(new Float32Array(n).fill(i).buffer));
    gpu.run(add, [total, x, total], [n, 1, 1]);
  }
  const found = await read(gpu, total, n);
  assert.is(
    found.findIndex((value) => value !== 210),
    -1,
  );
});

queue("large writes between kernels take effect in their order", async ({ gpu }) => {
  const n = 5000;
  const [x, total] = [gpu.allocate(4 * n), gpu.allocate(4 * n)];
  gpu.write(total, 0, new Uint8Array(4 * n));
  for (let i = 1; i <= 5; i++) {
    gpu.write(x, 0, new Uint8Array(new Float32Array(n).fill(i).buffer));
    gpu.run(add, [total, x, total], [n, 1, 1]);
  }
  const found = await read(gpu, total, n);
  assert.is(
    found.findIndex((value) => value !== 15),
    -1,
  );
});

queue("a read gives what was there when it was asked for, whatever is written next", async ({ gpu }) => {
  const x = put(gpu, 1);
  const first = read(gpu, x, 1);
  gpu.write(x, 0, floatsOf(2));
  const second = read(gpu, x, 1);
  assert.equal(await Promise.all([first, second]), [[1], [2]]);
});

queue("a block that was freed and handed out again keeps what was read from it before", async ({ gpu }) => {
  const x = put(gpu, 1);
  const first = read(gpu, x, 1);
  gpu.free(x);
  const y = put(gpu, 2);
  assert.is(y.address, x.address);
  assert.equal(await first, [1]);
});

queue("a kernel may write what it reads", async ({ gpu }) => {
  const x = put(gpu, -1, 2, -3);
  gpu.run(reluKernel, [x, x], [3]);
  assert.equal(await read(gpu, x, 3), [0, 2, 0]);
});

queue("a kernel may read one part of a buffer and write another", async ({ gpu }) => {
  const whole = gpu.allocate(1024);
  const [left, right] = [gpu.part(whole, 0, 12), gpu.part(whole, 512, 12)];
  gpu.write(left, 0, floatsOf(-1, 2, -3));
  gpu.write(right, 0, floatsOf(7, 7, 7));
  gpu.run(reluKernel, [left, right], [3]);
  assert.equal(await read(gpu, right, 3), [0, 2, 0]);
  assert.equal(await read(gpu, left, 3), [-1, 2, -3]);
});

queue("a kernel may read two parts of the buffer that it writes", async ({ gpu }) => {
  const whole = gpu.allocate(1024);
  const [a, b, y] = [gpu.part(whole, 0, 8), gpu.part(whole, 256, 8), gpu.part(whole, 512, 8)];
  gpu.write(a, 0, floatsOf(1, 2));
  gpu.write(b, 0, floatsOf(10, 20));
  gpu.run(add, [a, b, y], [2, 1, 1]);
  assert.equal(await read(gpu, y, 2), [11, 22]);
});

queue("a kernel that would write one place under two names is refused", ({ gpu }) => {
  const [x, y] = [put(gpu, 1), put(gpu, 1)];
  assert.throws(
    () => gpu.run(linearGradientKernel, [x, x, y, y], [1, 1, 1]),
    (error: unknown) => error instanceof DeviceError && error.message.includes("linearGradient"),
  );
});

queue("a kernel with nothing to do is not run", async ({ gpu }) => {
  const before = gpu.counters.dispatches;
  gpu.run(kernel("unheard", { reads: [], writes: ["y"], params: { n: "u32" } }), [gpu.allocate(4)], [0]);
  assert.is(gpu.counters.dispatches, before);
});

queue("bytes can be read from and written to the middle of a word", async ({ gpu }) => {
  const x = gpu.allocate(16);
  gpu.write(
    x,
    0,
    Uint8Array.from({ length: 16 }, (_, i) => i),
  );
  assert.equal(await gpu.read(x, 5, 6, Uint8Array), Uint8Array.from([5, 6, 7, 8, 9, 10]));
  assert.equal(await gpu.read(x, 15, 1, Uint8Array), Uint8Array.of(15));
  assert.equal(await gpu.read(x, 3, 0, Uint8Array), new Uint8Array());
});

queue("reads that are asked for in one turn cost one wait", async ({ gpu }) => {
  const blocks = Array.from({ length: 100 }, (_, i) => put(gpu, i));
  const before = gpu.counters.maps;
  const found = await Promise.all(blocks.map((block) => read(gpu, block, 1)));
  assert.equal(
    found.flat(),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.is(gpu.counters.maps - before, 1);
});

queue("reads that together are larger than a chunk are all there", async ({ gpu }) => {
  const n = 10_000;
  const blocks = Array.from({ length: 5 }, (_, i) => {
    const block = gpu.allocate(4 * n);
    gpu.write(block, 0, new Uint8Array(new Float32Array(n).fill(i).buffer));
    return block;
  });
  const found = await Promise.all(blocks.map((block) => read(gpu, block, n)));
  found.forEach((values, i) => {
    assert.is(values.length, n);
    assert.is(
      values.findIndex((value) => value !== i),
      -1,
    );
  });
});

queue("tensors that are read at once cost one wait", async () => {
  const { backend } = await init({ device: "webgpu" });
  const { counters } = backend as WebGpuBackend;
  const results = Array.from({ length: 20 }, (_, i) => tensor([i]).add(1));
  const found = await Promise.all(results.map((result) => result.item()));
  assert.equal(
    found,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert.is((backend as WebGpuBackend).counters.maps - counters.maps, 1);
});

queue("a loop that does the same over and over makes no more buffers", async ({ gpu }) => {
  const round = async () => {
    const [a, b, y] = [put(gpu, 1, 2, 3), put(gpu, 4, 5, 6), gpu.allocate(12)];
    gpu.run(add, [a, b, y], [3, 1, 1]);
    await read(gpu, y, 3);
    for (const block of [a, b, y]) gpu.free(block);
  };
  for (let i = 0; i < 3; i++) await round();
  const before = gpu.counters;
  for (let i = 0; i < 10; i++) await round();
  assert.is(gpu.counters.buffersCreated, before.buffersCreated);
});

queue("many freed bytes are given back to the device", async ({ gpu }) => {
  const before = gpu.counters.buffersDestroyed;
  const blocks = Array.from({ length: 5 }, () => gpu.allocate(64 << 20));
  for (const block of blocks) gpu.free(block);
  const x = put(gpu, 1);
  gpu.run(reluKernel, [x, gpu.allocate(4)], [1]);
  await gpu.finish();
  assert.ok(gpu.counters.buffersDestroyed > before);
  assert.equal(await read(gpu, x, 1), [1]);
});

queue.run();
