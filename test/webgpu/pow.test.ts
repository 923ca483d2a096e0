import { suite } from "uvu";
import * as assert from "uvu/assert";
import { powKernel } from "../../src/ops/pow.ts";
import { cpuBackend, type HostArray, openBackend, runJobs } from "../support/gpuJobs.ts";

const pow = suite("pow");

/** Bases from `low` to `high`, and for each an exponent that makes the power one of 2^-125 to 2^127. */
function pairs(low: number, high: number, n: number): [a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>] {
  const a = Float32Array.from({ length: n }, (_, i) => low + ((high - low) * i) / n);
  const b = a.map((base, i) => (((i * 37) % 253) - 125) / Math.log2(base));
  return [a, b];
}

/**
 * The shader's log2 is a table and a polynomial, which is least exact halfway between two entries: there each of its terms decides
 * the last bit of some powers. It and the CPU's are so close that they round to different floats only where the exact power lies
 * within a twentieth of a float's step of the middle of two: in fewer than one of ten cases.
 */
for (const [low, high] of [
  [1.05, 1.0625],
  [0.9375, 0.97],
  [1.06, 1.07],
  [1.3, 1.32],
  [1.8, 1.82],
  [0.55, 0.57],
] as const)
  pow(`powers of ${low} to ${high} have the bits of the CPU's, but for one of ten`, async () => {
    const n = 4000;
    const job = { reads: pairs(low, high, n), writes: [new Float32Array(n)], params: [n, 1, 1] };
    const gpu = await openBackend();
    const [[found] = []] = await runJobs(gpu, powKernel, [job]);
    const [[expected] = []] = await runJobs(await cpuBackend(), powKernel, [job]);
    gpu.destroy();
    const differing = (found as HostArray).filter((value, i) => value !== expected?.[i]).length;
    assert.ok(differing <= n / 10, `${differing} of ${n} differ`);
  });

pow.run();
