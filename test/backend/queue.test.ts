import { suite } from "uvu";
import * as assert from "uvu/assert";
import packed from "../../build/kernels.wasm";
import { add } from "../../src/autograd.ts";
import { CpuBackend, createMemory } from "../../src/backend/cpu/cpu.ts";
import type { ArrayClass } from "../../src/core/dtype.ts";
import { compileKernels, instantiateKernels } from "../../src/backend/cpu/module.ts";
import { unpackKernels } from "../../src/init/packedKernels.ts";

const queue = suite<{ cpu: CpuBackend }>("the queue of the CPU");

queue.before.each(async (context) => {
  const { memory, maximumPages } = createMemory(4096);
  const exports = await instantiateKernels(await compileKernels(unpackKernels(packed)), memory);
  context.cpu = new CpuBackend(exports, memory, maximumPages);
});

const bytesOf = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

queue("a small write keeps its place among the kernels before and after it", ({ cpu }) => {
  const [x, first, second] = [cpu.allocate(16), cpu.allocate(16), cpu.allocate(16)];
  const doubled = (to: typeof x) => cpu.run(add, [x, x, to], [4, 1, 1]);
  cpu.write(x, 0, bytesOf(1, 2, 3, 4));
  doubled(first);
  cpu.write(x, 0, bytesOf(10, 20, 30, 40));
  doubled(second);
  cpu.write(x, 4, bytesOf(7));
  assert.equal([...cpu.read(first, 0, 4, Float32Array)], [2, 4, 6, 8]);
  assert.equal([...cpu.read(second, 0, 4, Float32Array)], [20, 40, 60, 80]);
  assert.equal([...cpu.read(x, 0, 4, Float32Array)], [10, 7, 30, 40]);
});

queue("writes of any size, queued or not, change their bytes alone", ({ cpu }) => {
  const block = cpu.allocate(20_000);
  for (const size of [0, 1, 2, 3, 4, 5, 7, 8, 9, 255, 1023, 1024, 1025, 4097, 10_000])
    for (const offset of [0, 256, 3]) {
      cpu.write(block, 0, new Uint8Array(20_000).fill(255));
      const bytes = Uint8Array.from({ length: size }, (_, i) => (7 * i + size) % 251);
      cpu.write(block, offset, bytes);
      const expected = new Uint8Array(20_000).fill(255);
      expected.set(bytes, offset);
      assert.equal(cpu.read(block, 0, 20_000, Uint8Array), expected, `${size} bytes at ${offset}`);
    }
});

// On both sides of what is copied out one by one (64), and of what is queued (1,024).
for (const n of [0, 1, 16, 17, 63, 64, 65, 1023, 1024, 1025, 5000])
  queue(`${n} elements of every class come back as they were written, wherever in a block they lie`, ({ cpu }) => {
    const block = cpu.allocate(4 * (n + 3));
    const values = [
      Float32Array.from({ length: n }, (_, i) => (i % 7 === 3 ? -0 : (i - 100) / 3)),
      Int32Array.from({ length: n }, (_, i) => (i % 2 ? 2 ** 31 - 1 - i : -(2 ** 31) + i)),
      Uint8Array.from({ length: n }, (_, i) => 255 - i),
    ];
    for (const data of values) {
      const Elements = data.constructor as unknown as ArrayClass;
      const before = data.slice();
      cpu.write(block, 2 * data.BYTES_PER_ELEMENT, data);
      data.fill(1); // what was written is what it was
      const read = cpu.read(block, 2 * data.BYTES_PER_ELEMENT, n, Elements);
      assert.equal(read, before);
      assert.ok(read.every((value, i) => Object.is(value, before[i])));
      read.fill(2);
      assert.equal(cpu.read(block, 2 * data.BYTES_PER_ELEMENT, n, Elements), before);
    }
  });

queue("what is written are the bytes as they were at the call, bits of NaN included", ({ cpu }) => {
  const block = cpu.allocate(16);
  const words = Uint32Array.of(0x7fc00001, 0xffffffff, 0x7f800001, 0xfff00000);
  const source = new Uint8Array(words.buffer.slice(0));
  cpu.write(block, 0, source);
  source.fill(0);
  const read = cpu.read(block, 0, 16, Uint8Array);
  assert.equal(new Uint32Array(read.buffer, read.byteOffset), words);
});

queue("a write that waits outlives the growth of the memory", ({ cpu }) => {
  const block = cpu.allocate(16);
  cpu.write(block, 0, bytesOf(1, 2, 3, 4));
  const before = cpu.memory.buffer.byteLength;
  cpu.allocate(2 * before);
  assert.ok(cpu.memory.buffer.byteLength > before);
  assert.equal([...cpu.read(block, 0, 4, Float32Array)], [1, 2, 3, 4]);
});

queue("any number of commands is computed in order", ({ cpu }) => {
  const [x, one] = [cpu.allocate(4), cpu.allocate(4)];
  cpu.write(x, 0, bytesOf(0));
  for (let i = 0; i < 5000; i++) {
    if (i % 3 === 0) cpu.write(one, 0, bytesOf(i % 2));
    cpu.run(add, [x, one, x], [1, 1, 1]);
  }
  let expected = 0;
  for (let i = 0; i < 5000; i++) expected += (i - (i % 3)) % 2;
  assert.equal([...cpu.read(x, 0, 1, Float32Array)], [expected]);
});

queue("more elements than wait at a time are all written", ({ cpu }) => {
  const blocks = Array.from({ length: 70 }, () => cpu.allocate(4000));
  const elementsOf = (i: number) => Int32Array.from({ length: 1000 }, (_, k) => 1000 * i + k);
  for (const [i, block] of blocks.entries()) cpu.write(block, 0, elementsOf(i));
  for (const [i, block] of blocks.entries())
    assert.equal(cpu.read(block, 0, 1000, Int32Array), elementsOf(i), `block ${i}`);
});

/** A backend on which each addition takes 2.5 ms by a clock of its own, and how many it has computed. */
async function slowly(work: (cpu: CpuBackend, computed: () => number) => void): Promise<void> {
  const { memory, maximumPages } = createMemory(4096);
  const exports = await instantiateKernels(await compileKernels(unpackKernels(packed)), memory);
  let [clock, computed] = [0, 0];
  const slow = (...args: number[]) => {
    clock += 2.5;
    computed++;
    return exports.add?.(...args) ?? 0;
  };
  const { now } = performance;
  performance.now = () => clock;
  try {
    work(new CpuBackend({ ...exports, add: slow }, memory, maximumPages), () => computed);
  } finally {
    performance.now = now;
  }
}

queue("short steps wait until six milliseconds of them are queued, and whoever reads does not", () =>
  slowly((cpu, computed) => {
    const [x, one] = [cpu.allocate(4), cpu.allocate(4)];
    cpu.write(x, 0, Float32Array.of(0));
    cpu.write(one, 0, Float32Array.of(1));
    const step = () => {
      cpu.run(add, [x, one, x], [1, 1, 1]);
      cpu.flush();
      return computed();
    };
    // Nothing is known of the first one. It was three commands with the writes, so that each is taken for less at first.
    assert.is(step(), 1);
    assert.equal([...cpu.read(x, 0, 1, Float32Array)], [1]);
    const after = Array.from({ length: 40 }, step);
    assert.ok(
      after.slice(20).every((n, i) => i + 22 - n < 3),
      `at most two additions of 2.5 ms wait: ${after}`,
    );
    assert.ok(after.slice(20).some((n, i) => i + 22 - n === 2));
    assert.equal([...cpu.read(x, 0, 1, Float32Array)], [41]);
    assert.is(computed(), 41);
  }),
);

queue("reads of next to nothing between long steps do not make these wait", () =>
  slowly((cpu, computed) => {
    const [x, one] = [cpu.allocate(4), cpu.allocate(4)];
    cpu.write(one, 0, Float32Array.of(1));
    const waited: number[] = [];
    for (let i = 1; i <= 60; i++) {
      for (let k = 0; k < 5; k++) cpu.run(add, [x, one, x], [1, 1, 1]);
      cpu.flush();
      waited.push(5 * i - computed());
      cpu.write(one, 0, Float32Array.of(1));
      cpu.read(one, 0, 1, Float32Array);
    }
    assert.equal(waited, Array(60).fill(0), "a step of 12.5 ms runs when it is queued");
  }),
);

queue.run();
