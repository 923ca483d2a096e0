import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Backend } from "../../src/backend/backend.ts";
import type { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { dropoutKernel } from "../../src/ops/dropout.ts";
import { linearBackwardKernel, linearKernel } from "../../src/ops/linear.ts";
import { reluKernel } from "../../src/ops/relu.ts";
import { same } from "../support/elementwise.ts";
import { cpuBackend, type HostArray, openBackend, runJob, runJobs } from "../support/gpuJobs.ts";
import { noise } from "../support/layouts.ts";
import { keepMask } from "../support/philox.ts";
import { floats } from "./cases/case.ts";

interface Backends {
  cpu: Backend;
  gpu: WebGpuBackend;
}

const masks = suite<Backends>("masks");

masks.before(async (backends) => {
  backends.cpu = await cpuBackend();
  backends.gpu = await openBackend();
});
masks.after(({ gpu }) => gpu.destroy());

const low = (x: bigint): number => Number(x & 0xffffffffn);
const high = (x: bigint): number => Number(x >> 32n);

/** threshold, scale, offset and seed as `src/ops/dropout.ts` passes them. */
function draw(p: number, offset: bigint, seed: bigint): number[] {
  const scale = p === 1 ? 0 : Math.fround(1 / Math.fround(1 - p));
  return [Math.floor((1 - p) * 2 ** 24 + 0.5), scale, low(offset), high(offset), low(seed), high(seed)];
}

const dropping = (x: Float32Array<ArrayBuffer>, draws: readonly number[]) => ({
  reads: [x],
  writes: [floats(x.length)],
  params: [x.length, ...draws],
});

for (const p of [0, 0.1, 0.5, 1])
  masks(`p ${p}: a million elements have the CPU's bits`, async ({ cpu, gpu }) => {
    const job = dropping(noise(1_000_000, 1), draw(p, 17n, 0x1234567890abcdefn));
    same(await runJob(gpu, dropoutKernel, job), await runJob(cpu, dropoutKernel, job), `p ${p}`);
  });

masks("calls beyond the 2^32nd keep what Philox says", async ({ gpu }) => {
  const n = 1001;
  for (const offset of [2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 5n, 2n ** 52n]) {
    const y = await runJob(gpu, dropoutKernel, dropping(new Float32Array(n).fill(1), draw(0.5, offset, 99n)));
    const kept = Uint8Array.from(y, (value) => Number(value !== 0));
    assert.equal(kept, keepMask(99n, offset, 0.5, n), `offset ${offset}`);
  }
});

masks("every size up to 70 keeps what Philox says", async ({ gpu }) => {
  const sizes = Array.from({ length: 71 }, (_, n) => n);
  const jobs = sizes.map((n) => dropping(new Float32Array(n).fill(1), draw(0.3, 5n, 2n ** 64n - 1n)));
  const found = await runJobs(gpu, dropoutKernel, jobs);
  for (const n of sizes) {
    const kept = Uint8Array.from(found[n]?.[0] as HostArray, (value) => Number(value !== 0));
    assert.equal(kept, keepMask(2n ** 64n - 1n, 5n, 0.3, n), `n ${n}`);
  }
});

masks("dropped negatives are -0, dropped NaN and infinities NaN", async ({ gpu }) => {
  const x = Float32Array.from({ length: 400 }, (_, i) => [-2, 2, NaN, Infinity][i % 4] as number);
  const y = await runJob(gpu, dropoutKernel, dropping(x, draw(0.5, 3n, 8n)));
  const dropped = [-0, 0, NaN, NaN];
  const kept = [-4, 4, NaN, Infinity];
  const mask = keepMask(8n, 3n, 0.5, 400);
  same(
    y,
    Array.from(mask, (bit, i) => (bit ? kept : dropped)[i % 4] as number),
    "y",
  );
});

masks("few are kept where p is near 1, few dropped where it is near 0", async ({ gpu }) => {
  for (const p of [2 ** -10, 1 - 2 ** -10]) {
    const y = await runJob(gpu, dropoutKernel, dropping(new Float32Array(4096).fill(1), draw(p, 0n, 1n)));
    assert.equal(
      Uint8Array.from(y, (value) => Number(value !== 0)),
      keepMask(1n, 0n, p, 4096),
      `p ${p}`,
    );
  }
});

for (const [rows, ins, outs] of [
  [1, 1, 1],
  [3, 5, 7],
  [20, 33, 65],
  [16, 100, 30],
] as const)
  masks(
    `${rows} × ${ins} × ${outs}: a fused layer has the bits of Linear, ReLU and Dropout one by one`,
    async ({ gpu }) => {
      const draws = draw(0.4, 2n ** 33n + 1n, 77n);
      const reads = [noise(rows * ins, 1), noise(outs * ins, 2), noise(outs, 3)];
      const n = rows * outs;
      const run = (relu: number, dropped: number) =>
        runJob(gpu, linearKernel, {
          reads,
          writes: [floats(n)],
          params: [rows, ins, outs, 1, relu, dropped, ...draws],
        });
      const plain = (await run(0, 0)) as Float32Array<ArrayBuffer>;
      const relu = (await runJob(gpu, reluKernel, {
        reads: [plain],
        writes: [floats(n)],
        params: [n],
      })) as Float32Array<ArrayBuffer>;
      same(await run(1, 0), relu, "Linear, ReLU");
      same(await run(0, 1), await runJob(gpu, dropoutKernel, dropping(plain, draws)), "Linear, Dropout");
      same(await run(1, 1), await runJob(gpu, dropoutKernel, dropping(relu, draws)), "Linear, ReLU, Dropout");
    },
  );

masks("the gradient of a fused layer passes exactly where the layer passed", async ({ gpu }) => {
  const [rows, ins, outs] = [20, 33, 65];
  const n = rows * outs;
  const draws = draw(0.4, 6n, 77n);
  const y = (await runJob(gpu, linearKernel, {
    reads: [noise(rows * ins, 1), noise(outs * ins, 2), noise(outs, 3)],
    writes: [floats(n)],
    params: [rows, ins, outs, 1, 1, 1, ...draws],
  })) as Float32Array<ArrayBuffer>;
  const scale = draws[1] as number;
  const dz = await runJob(gpu, linearBackwardKernel, {
    reads: [y, new Float32Array(n).fill(1)],
    writes: [floats(n)],
    params: [n, scale],
  });
  same(
    dz,
    Array.from(y, (value) => (value > 0 ? scale : 0)),
    "dz",
  );
});

masks.run();
