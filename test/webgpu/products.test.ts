import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { add } from "../../src/autograd.ts";
import type { Kernel } from "../../src/core/kernel.ts";
import { castInt32ToUint8 } from "../../src/ops/cast.ts";
import { linearGradientKernel, linearKernel } from "../../src/ops/linear.ts";
import { matmulKernel } from "../../src/ops/matmul.ts";
import { sumKernel } from "../../src/ops/sum.ts";
import { same } from "../support/elementwise.ts";
import { cpuBackend, type HostArray, type Job, openBackend, runJobs } from "../support/gpuJobs.ts";
import { close, noise } from "../support/layouts.ts";
import { floats } from "./cases/case.ts";
import { DRAW } from "./cases/dense.ts";

interface Backends {
  registers: WebGpuBackend;
  workgroup: WebGpuBackend;
}

const products = suite<Backends>("products");

products.before(async (backends) => {
  backends.registers = await openBackend("registers");
  backends.workgroup = await openBackend("workgroup");
});
products.after(({ registers, workgroup }) => {
  registers.destroy();
  workgroup.destroy();
});

/** m, k, n: one element, ends inside blocks of 8 and tiles of 32, panels of 256, and a layer of the reference network. */
const SIZES = [
  [1, 1, 1],
  [2, 3, 1],
  [7, 9, 11],
  [31, 32, 33],
  [64, 255, 40],
  [33, 513, 65],
  [200, 784, 256],
] as const;

async function sameBits({ registers, workgroup }: Backends, kernel: Kernel, jobs: readonly Job[]): Promise<void> {
  const one = await runJobs(registers, kernel, jobs);
  const other = await runJobs(workgroup, kernel, jobs);
  one.forEach((outputs, job) => {
    outputs.forEach((output, k) => {
      same(output, other[job]?.[k] as HostArray, `job ${job} [${jobs[job]?.params}], ${kernel.writes[k]}`);
    });
  });
}

products("both tilings give matmul the same bits", (backends) =>
  sameBits(
    backends,
    matmulKernel,
    SIZES.map(([m, k, n]) => ({
      reads: [noise(m * k, 1), noise(k * n, 2)],
      writes: [floats(m * n)],
      params: [1, m, n, k, 0, k, 1, 0, n, 1],
    })),
  ),
);

products("both tilings give matmul of transposed operands the same bits", (backends) =>
  sameBits(
    backends,
    matmulKernel,
    SIZES.slice(0, -1).flatMap(([m, k, n]) => {
      const reads = [noise(m * k, 1), noise(k * n, 2)];
      const steps = [
        [1, m, n, 1],
        [k, 1, 1, k],
        [1, m, 1, k],
      ];
      return steps.map(([aRow = 0, aCol = 0, bRow = 0, bCol = 0]) => ({
        reads,
        writes: [floats(m * n)],
        params: [1, m, n, k, 0, aRow, aCol, 0, bRow, bCol],
      }));
    }),
  ),
);

products("both tilings give batches of products the same bits", (backends) =>
  sameBits(
    backends,
    matmulKernel,
    SIZES.slice(0, 4).flatMap(([m, k, n]) =>
      [2, 7].flatMap((batch) =>
        [0, 1].map((shared) => ({
          reads: [noise(batch * m * k, 1), noise(batch * k * n, 2)],
          writes: [floats(batch * m * n)],
          params: [batch, m, n, k, m * k, k, 1, shared ? 0 : k * n, n, 1],
        })),
      ),
    ),
  ),
);

products("both tilings give a layer with bias, ReLU and dropout the same bits", (backends) =>
  sameBits(
    backends,
    linearKernel,
    SIZES.map(([rows, ins, outs]) => ({
      reads: [noise(rows * ins, 1), noise(outs * ins, 2), noise(outs, 3)],
      writes: [floats(rows * outs)],
      params: [rows, ins, outs, 1, 1, 1, ...DRAW],
    })),
  ),
);

products("both tilings give a layer's gradients the same bits", (backends) =>
  sameBits(
    backends,
    linearGradientKernel,
    SIZES.map(([rows, ins, outs]) => ({
      reads: [noise(rows * outs, 1), noise(rows * ins, 2)],
      writes: [floats(outs * ins), floats(outs)],
      params: [rows, ins, outs],
    })),
  ),
);

products("a layer of the reference network agrees with the CPU", async ({ registers, workgroup }) => {
  const [rows, ins, outs] = [200, 784, 256];
  const job = {
    reads: [noise(rows * ins, 1), noise(outs * ins, 2), noise(outs, 3)],
    writes: [floats(rows * outs)],
    params: [rows, ins, outs, 1, 1, 1, ...DRAW],
  };
  const [[expected] = []] = await runJobs(await cpuBackend(), linearKernel, [job]);
  for (const backend of [registers, workgroup]) {
    const [[found] = []] = await runJobs(backend, linearKernel, [job]);
    // 5e-5 of max(1, |value|): sums of 784 products of about 1, whose rounding adapters are free to choose.
    close(found as HostArray, expected as HostArray, 5e-5, backend.tiling);
  }
});

products("a product over nothing is zeros with both tilings", async (backends) => {
  for (const backend of [backends.registers, backends.workgroup]) {
    const job = { reads: [floats(0), floats(0)], writes: [floats(15)], params: [1, 3, 5, 0, 0, 0, 1, 0, 5, 1] };
    const [[y] = []] = await runJobs(backend, matmulKernel, [job]);
    assert.equal(y, new Float32Array(15), backend.tiling);
  }
});

products("a layer without inputs gives its bias, and the bias its gradient", async (backends) => {
  for (const backend of [backends.registers, backends.workgroup]) {
    const [bias, dz] = [noise(3, 1), Float32Array.from([1, 2, 3, 4, 5, 6])];
    const forward = { reads: [floats(0), floats(0), bias], writes: [floats(6)], params: [2, 0, 3, 1, 0, 0, ...DRAW] };
    const [[y] = []] = await runJobs(backend, linearKernel, [forward]);
    assert.equal(y, Float32Array.from([...bias, ...bias]), backend.tiling);
    const backward = { reads: [dz, floats(0)], writes: [floats(0), floats(3)], params: [2, 0, 3] };
    const [[, db] = []] = await runJobs(backend, linearGradientKernel, [backward]);
    assert.equal(db, Float32Array.from([5, 7, 9]), backend.tiling);
  }
});

/** More than one element for each invocation of the largest grid, and no whole number of them. */
const MANY = 65535 * 64 + 800_003;

products("an elementwise kernel reaches elements beyond the largest grid", async ({ registers }) => {
  const a = Float32Array.from({ length: MANY }, (_, i) => i % 4096);
  const job = { reads: [a, Float32Array.of(0.5)], writes: [floats(MANY)], params: [MANY, 1, 0] };
  const [[y] = []] = await runJobs(registers, add, [job]);
  assert.is(
    (y as HostArray).findIndex((value, i) => value !== (i % 4096) + 0.5),
    -1,
  );
});

products("a kernel of bytes reaches words beyond the largest grid", async ({ registers }) => {
  const n = 4 * 65535 * 64 + 13; // one invocation for each word of four
  const backend = registers;
  const [x, y] = [backend.allocate(4 * n), backend.allocate(n)];
  const tail = Int32Array.from({ length: 21 }, (_, i) => 200 + i);
  backend.write(x, 4 * (n - 21), new Uint8Array(tail.buffer));
  backend.run(castInt32ToUint8, [x, y], [n]);
  const bytes = await backend.read(y, n - 21, 21, Uint8Array);
  backend.free(x);
  backend.free(y);
  assert.equal(bytes, Uint8Array.from(tail));
});

products("a reduction reaches rows beyond the largest grid", async ({ registers }) => {
  // Rows of 65 take a workgroup each.
  const outer = 65535 + 3;
  const x = new Float32Array(outer * 65).fill(1);
  x[x.length - 1] = 100;
  const [[y] = []] = await runJobs(registers, sumKernel, [
    { reads: [x], writes: [floats(outer)], params: [outer, 65, 1] },
  ]);
  assert.is(
    (y as HostArray).findIndex((value) => value !== 65),
    outer - 1,
  );
  assert.is((y as HostArray).at(-1), 164);
});

products.run();
