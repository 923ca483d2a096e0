import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Backend } from "../../src/backend/backend.ts";
import { entryPoints } from "../../src/backend/webgpu/shaders.ts";
import type { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import { same } from "../support/elementwise.ts";
import { cpuBackend, flushed, type HostArray, openBackend, runJobs, ulpsApart } from "../support/gpuJobs.ts";
import type { Case } from "./cases/case.ts";
import { dense } from "./cases/dense.ts";
import { elementwise } from "./cases/elementwise.ts";
import { losses } from "./cases/losses.ts";
import { rows } from "./cases/rows.ts";

interface Backends {
  cpu: Backend;
  gpu: WebGpuBackend;
}

const twins = suite<Backends>("twins");

twins.before(async (backends) => {
  backends.cpu = await cpuBackend();
  backends.gpu = await openBackend();
});
twins.after(({ gpu }) => gpu.destroy());

const CASES: readonly Case[] = [...elementwise, ...rows, ...losses, ...dense];

/** What an output may be: the CPU's, and where subnormals are zeros, what the CPU makes of zeros for them, or zeros of its own. */
async function allowed(cpu: Backend, { kernel, jobs, flushes }: Case): Promise<HostArray[][][]> {
  const exact = await runJobs(cpu, kernel, jobs);
  if (!flushes) return [exact];
  const zeros = jobs.map(({ reads, writes, params }) => ({
    reads: reads.map(flushed),
    writes: writes.map(flushed),
    params,
  }));
  const other = await runJobs(cpu, kernel, zeros);
  return [exact, other, ...[exact, other].map((outputs) => outputs.map((arrays) => arrays.map(flushed)))];
}

function agrees(found: number, expected: number, { ulps, within }: Case): boolean {
  if (Object.is(found, expected)) return true;
  if (ulps !== undefined) return ulpsApart(found, expected) <= ulps;
  return within !== undefined && Math.abs(found - expected) <= within * Math.max(1, Math.abs(expected));
}

const promise = ({ ulps, within }: Case): string => {
  if (ulps !== undefined) return `within ${ulps} ulp`;
  return within === undefined ? "bit for bit" : `within ${within}`;
};

for (const each of CASES)
  twins(`${each.kernel.name} computes what the CPU computes, ${promise(each)}`, async ({ cpu, gpu }) => {
    const { kernel, jobs } = each;
    const expected = await allowed(cpu, each);
    const found = await runJobs(gpu, kernel, jobs);
    found.forEach((outputs, job) => {
      outputs.forEach((output, k) => {
        const candidates = expected.map((results) => results[job]?.[k] as HostArray);
        const wrong = output.findIndex(
          (value, i) => !candidates.some((array) => agrees(value, array[i] as number, each)),
        );
        if (wrong < 0) return;
        const inputs = jobs[job]?.reads.map((array) => array[wrong]);
        assert.unreachable(
          `job ${job} [${jobs[job]?.params}]: ${kernel.writes[k]}[${wrong}] is ${output[wrong]}, the CPU gives ${candidates[0]?.[wrong]} (inputs there: ${inputs})`,
        );
      });
    });
  });

/** One workgroup takes all elements in turn: what the largest grid leaves over must be walked in the same way. */
const ALONE = 64;

for (const { kernel, jobs } of CASES)
  twins(`${kernel.name} computes the same bits with one workgroup as with all that it asks for`, async ({ gpu }) => {
    const expected = await runJobs(gpu, kernel, jobs);
    const found = await runJobs(gpu, { ...kernel, threads: () => ALONE }, jobs);
    found.forEach((outputs, job) => {
      outputs.forEach((output, k) => {
        same(output, expected[job]?.[k] ?? [], `job ${job} [${jobs[job]?.params}], ${kernel.writes[k]}`);
      });
    });
  });

twins("every entry point of the shaders has a case here", () => {
  const named = new Set(CASES.map(({ kernel }) => kernel.name));
  const missing = Object.values(WGSL)
    .flatMap(entryPoints)
    .filter((name) => !named.has(name));
  assert.equal(missing, []);
});

twins.run();
