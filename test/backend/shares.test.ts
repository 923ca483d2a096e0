import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Backend, Block } from "../../src/backend/backend.ts";
import { CpuBackend, createMemory, WORKSPACE } from "../../src/backend/cpu/cpu.ts";
import { compileKernels, instantiateKernels } from "../../src/backend/cpu/module.ts";
import { Order } from "../../src/backend/cpu/threads/order.ts";
import { type Share, sharesOf } from "../../src/backend/cpu/threads/shares.ts";
import type { Kernel } from "../../src/core/kernel.ts";
import { unpackKernels } from "../../src/init/packedKernels.ts";
import { runJobs } from "../support/gpuJobs.ts";
import packed from "../../build/kernels.wasm";
import type { Case } from "../webgpu/cases/case.ts";
import { dense } from "../webgpu/cases/dense.ts";
import { elementwise } from "../webgpu/cases/elementwise.ts";
import { losses } from "../webgpu/cases/losses.ts";
import { rows } from "../webgpu/cases/rows.ts";

const shares = suite<{ cpu: CpuBackend }>("shares of a command");

const CASES: readonly Case[] = [...elementwise, ...rows, ...losses, ...dense].filter(({ kernel }) => kernel.split);

/** A backend that computes every command share by share on this thread, the last share first. */
class ShareByShare extends CpuBackend {
  parts = 0;
  shared = 0;

  override run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void {
    const found = sharesOf(kernel, blocks, params, this.parts, undefined, 0).filter((share) => share !== undefined);
    if (found.length > 1) this.shared++;
    this.finish(); // what is written into its blocks is queued
    for (const share of [...found].reverse()) this.#call(kernel, share);
  }

  #call({ workspace }: Kernel, { name, addresses, params }: Share): void {
    this.exports[name]?.(...addresses, ...(workspace ? [WORKSPACE] : []), ...params);
  }
}

shares.before(async (context) => {
  context.cpu = await newBackend(CpuBackend);
});

async function newBackend<T>(
  Kind: new (exports: CpuBackend["exports"], memory: WebAssembly.Memory, maximumPages: number) => T,
): Promise<T> {
  const { memory, maximumPages } = createMemory();
  return new Kind(await instantiateKernels(await compileKernels(unpackKernels(packed)), memory), memory, maximumPages);
}

for (const { kernel, jobs } of CASES)
  shares(`${kernel.name} gives the same bits in 2, 3 and 5 shares, in any order`, async ({ cpu }) => {
    const expected = await runJobs(cpu, kernel, jobs);
    const divided = await newBackend(ShareByShare);
    for (const parts of [2, 3, 5]) {
      divided.parts = parts;
      const found = await runJobs(divided as Backend, kernel, jobs);
      found.forEach((outputs, job) => {
        outputs.forEach((output, k) => {
          const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
          const whole = expected[job]?.[k] as ArrayBufferView;
          assert.equal(bytes(output), bytes(whole), `${parts} shares, job ${job}, output ${k}`);
        });
      });
    }
    assert.ok(divided.shared > 0, "no job was large enough to be divided");
  });

const ranges = (pairs: [number, number][]) => pairs.map(([start, end]) => ({ block: 0, start, end }));
const share = (reads: [number, number][], writes: [number, number][]): Share => ({
  name: "",
  addresses: [],
  params: [],
  pieces: undefined,
  reads: ranges(reads),
  writes: ranges(writes),
});

shares("a command comes a phase after what other threads make for it or still read, and with what it can", () => {
  const order = new Order();
  const rowsOf = (from: number, to: number) => [
    share([[from, from + 50]], [[to, to + 50]]),
    share([[from + 50, from + 100]], [[to + 50, to + 100]]),
  ];
  const phaseOf = (...shares: (Share | undefined)[]) => order.phaseOf(shares);
  order.note(rowsOf(0, 100), 0);
  assert.is(phaseOf(...rowsOf(100, 200)), 0, "each reads what it has written itself");
  order.note(rowsOf(100, 200), 0);
  assert.is(phaseOf(share([[100, 200]], [[300, 400]])), 1, "a read of what another has written");
  assert.is(phaseOf(share([], [[60, 61]])), 1, "a write over what another has read");
  assert.is(phaseOf(undefined, share([], [[200, 201]])), 1, "a write over what another has written");
  assert.is(phaseOf(share([[0, 100]], [[300, 400]])), 0, "two reads");
  order.note([share([[100, 200]], [[300, 400]])], 1);
  assert.is(phaseOf(...rowsOf(200, 500)), 0, "what waits for nobody overtakes");
  assert.is(phaseOf(share([[300, 400]], [[600, 700]])), 1, "a thread's own result, in the order of the queue");
  assert.is(phaseOf(undefined, share([[300, 400]], [[600, 700]])), 2, "another thread's");
});

shares("ranges of different blocks never meet", () => {
  const order = new Order();
  order.note([share([], [[0, 100]])], 0);
  const elsewhere: Share = { ...share([], []), reads: [{ block: 1, start: 0, end: 100 }] };
  assert.is(order.phaseOf([undefined, elsewhere]), 0);
});

shares("shares cover every piece once and begin at whole grains; small commands stay whole", () => {
  const blocks = [0, 1, 2].map((i) => ({ address: i * 65536, bytes: 65536 }));
  const add = elementwise.find(({ kernel }) => kernel.name === "add")?.kernel as Kernel;
  for (const n of [1, 15, 16, 17, 1000, 16384])
    for (const threads of [2, 3, 8]) {
      const found = sharesOf(add, blocks, [n, 1, 1], threads, undefined, 0).filter((each) => each !== undefined);
      assert.is(
        found.reduce((sum, { params }) => sum + (params[0] as number), 0),
        n,
      );
      for (const { addresses } of found.slice(1)) assert.is((addresses[2] as number) % 64, 0);
    }
  assert.is(sharesOf(add, blocks, [1000, 1, 1], 2).length, 1);
});

shares("a command follows the parts that its input was written in, where they are whole pieces of its own", () => {
  const blocks = [0, 1, 2].map((i) => ({ address: i * 65536, bytes: 65536 }));
  const of = (name: string) => elementwise.find(({ kernel }) => kernel.name === name)?.kernel as Kernel;
  const edgesOf = (edges: readonly number[]) => (address: number) => (address === 0 ? edges : undefined);
  const firsts = (kernel: Kernel, params: readonly number[], edges: readonly number[]) =>
    sharesOf(kernel, blocks, params, 2, edgesOf(edges)).map((each) => each?.addresses[0]);
  assert.equal(firsts(of("add"), [300, 1, 1], [0, 200, 1200]), [0, 200], "however small");
  assert.equal(firsts(of("add"), [300, 1, 1], [0, 202, 1200]), [0], "half an element");
  assert.equal(firsts(of("add"), [300, 1, 1], [0, 200, 800]), [0], "less than it reads");
  const dropout = rows.concat(elementwise, dense).find(({ kernel }) => kernel.name === "dropout")?.kernel as Kernel;
  const draw = [1 << 23, 2, 0, 0, 1, 1];
  assert.equal(firsts(dropout, [300, ...draw], [0, 208, 1200]), [0, 208]);
  assert.equal(firsts(dropout, [300, ...draw], [0, 204, 1200]), [0], "inside the words of a counter");
});

shares("a product by rows reads those rows where they lie one after the other, else all of the array", () => {
  const blocks = [0, 1, 2].map((i) => ({ address: i * 65536, bytes: 65536 }));
  const matmul = dense.find(({ kernel }) => kernel.name === "matmul")?.kernel as Kernel;
  const first = (aRow: number, aCol: number) => {
    // [1, 40, 30] = [40, 50] x [50, 30]
    const [share] = sharesOf(matmul, blocks, [1, 40, 30, 50, 0, aRow, aCol, 0, 30, 1], 2, undefined, 0);
    return share?.reads[0];
  };
  assert.equal(first(50, 1), { block: 0, start: 0, end: 4 * 20 * 50 });
  assert.equal(first(60, 1), { block: 0, start: 0, end: 4 * 20 * 60 }, "with gaps between");
  assert.equal(first(1, 40), { block: 0, start: 0, end: 65536 }, "a transposed view");
  assert.equal(first(0, 1), { block: 0, start: 0, end: 65536 }, "one row repeated");
});

shares.run();
