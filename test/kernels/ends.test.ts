import { suite } from "uvu";
import type { Kernel } from "../../src/core/kernel.ts";
import { same } from "../support/elementwise.ts";
import type { HostArray, Job } from "../support/gpuJobs.ts";
import { kernels, memory, put, reset, take } from "../support/kernels.ts";
import { dense } from "../webgpu/cases/dense.ts";
import { elementwise } from "../webgpu/cases/elementwise.ts";
import { losses } from "../webgpu/cases/losses.ts";
import { rows } from "../webgpu/cases/rows.ts";

const ends = suite("ends of memory");

/** Room for what kernels with a workspace keep there. */
const WORKSPACE = 600_000;

/** Lays an array so that the memory ends where it ends: a load behind it is a trap. */
function putLast(values: ArrayBufferView): number {
  const address = memory.buffer.byteLength - values.byteLength;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  new Uint8Array(memory.buffer).set(bytes, address);
  return address;
}

const taken = (array: HostArray, address: number): HostArray => {
  if (array instanceof Float32Array) return take(Float32Array, address, array.length);
  return array instanceof Int32Array
    ? take(Int32Array, address, array.length)
    : take(Uint8Array, address, array.length);
};

/** Runs a kernel with one of its buffers at the end of memory: its outputs. */
function run(kernel: Kernel, { reads, writes, params }: Job, last: number): HostArray[] {
  reset();
  const addresses = [...reads, ...writes].map((array, i) => (i === last ? putLast(array) : put(array)));
  const workspace = kernel.workspace ? [put(new Uint8Array(WORKSPACE))] : [];
  kernels[kernel.name]?.(...addresses, ...workspace, ...params);
  return writes.map((array, i) => taken(array, addresses[reads.length + i] as number));
}

for (const { kernel, jobs } of [...elementwise, ...rows, ...losses, ...dense])
  ends(`${kernel.name} touches nothing behind any of its buffers`, () => {
    for (const job of jobs.filter(({ reads }) => reads.every(({ length }) => length < 10_000))) {
      const expected = run(kernel, job, -1);
      for (let last = 0; last < job.reads.length + job.writes.length; last++)
        run(kernel, job, last).forEach((found, i) => {
          same(found, expected[i] ?? [], `buffer ${last} at the end, output ${i} of [${job.params}]`);
        });
    }
  });

ends.run();
