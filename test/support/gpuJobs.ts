// What the tests of the WebGPU path share: kernels run alone on a backend, and devices that a test opens for itself.
import type { Backend, Block } from "../../src/backend/backend.ts";
import { type OpenedAdapter, openAdapter } from "../../src/backend/webgpu/adapter.ts";
import { findGpu } from "../../src/backend/webgpu/findGpu.ts";
import type { Shaders, Tiling } from "../../src/backend/webgpu/shaders.ts";
import { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import type { Kernel } from "../../src/core/kernel.ts";
import { init } from "../../src/index.ts";

export type HostArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** One run of a kernel. `writes` hold what lies in the outputs before, which gives them their types and sizes too. */
export interface Job {
  readonly reads: readonly HostArray[];
  readonly writes: readonly HostArray[];
  readonly params: readonly number[];
}

/** The adapter that the tests compute on, a software one if need be. */
export const testAdapter = async (): Promise<OpenedAdapter> => openAdapter(await findGpu(), true);

/** A backend on a device of its own, which the test destroys. */
export async function openBackend(tiling: Tiling = "registers", shaders: Shaders = WGSL): Promise<WebGpuBackend> {
  return new WebGpuBackend(await (await testAdapter()).open(), shaders, tiling);
}

/**
 * Why a device was lost; "open" if it still is there after two seconds. It looks again and again: Chromium tells of the end of
 * a device only with the page's next task, which a page that just waits never has.
 */
export async function lossOf(device: GPUDevice): Promise<string> {
  const pause = (): Promise<string> => new Promise((resolve) => setTimeout(() => resolve("open"), 20));
  let found = "open";
  const lost = device.lost.then(({ reason }) => String(reason));
  for (let i = 0; i < 100 && found === "open"; i++) found = await Promise.race([lost, pause()]);
  return found;
}

/** The CPU's backend, against which the GPU's is compared. */
export const cpuBackend = async (): Promise<Backend> => (await init({ device: "cpu" })).backend;

const CANARY = 0x5a;
const CANARY_BYTES = 16;
/** Bytes up to a whole word, which kernels that write bytes fill with zeros. */
const whole = (bytes: number): number => Math.ceil(bytes / 4) * 4;
const bytesOf = (array: HostArray): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function place(backend: Backend, array: HostArray, canary: number): Block {
  const block = backend.allocate(whole(array.byteLength) + canary);
  const bytes = new Uint8Array(whole(array.byteLength) + canary).fill(CANARY);
  bytes.set(bytesOf(array));
  backend.write(block, 0, bytes);
  return block;
}

/** The same type of array over other bytes. */
function like(array: HostArray, { buffer }: Uint8Array<ArrayBuffer>): HostArray {
  if (array instanceof Float32Array) return new Float32Array(buffer, 0, array.length);
  if (array instanceof Int32Array) return new Int32Array(buffer, 0, array.length);
  return new Uint8Array(buffer, 0, array.length);
}

/** Runs a kernel once for each job, reads every output in one turn, and checks that nothing was written behind them. */
export async function runJobs(backend: Backend, kernel: Kernel, jobs: readonly Job[]): Promise<HostArray[][]> {
  const placed = jobs.map(({ reads, writes, params }) => {
    const inputs = reads.map((array) => place(backend, array, 0));
    const outputs = writes.map((array) => place(backend, array, CANARY_BYTES));
    backend.run(kernel, [...inputs, ...outputs], params);
    return { inputs, outputs };
  });
  const read = async (block: Block, array: HostArray, job: number): Promise<HostArray> => {
    const bytes = (await backend.read(
      block,
      0,
      whole(array.byteLength) + CANARY_BYTES,
      Uint8Array,
    )) as Uint8Array<ArrayBuffer>;
    if (bytes.subarray(-CANARY_BYTES).some((byte) => byte !== CANARY))
      throw new Error(`${kernel.name} wrote behind its ${array.length} elements, job ${job}`);
    return like(array, bytes);
  };
  const results = await Promise.all(
    jobs.map(({ writes }, i) => Promise.all(writes.map((array, k) => read(placed[i]?.outputs[k] as Block, array, i)))),
  );
  for (const { inputs, outputs } of placed) for (const block of [...inputs, ...outputs]) backend.free(block);
  return results;
}

/** One job's first output. */
export async function runJob(backend: Backend, kernel: Kernel, job: Job): Promise<HostArray> {
  const [[first] = []] = await runJobs(backend, kernel, [job]);
  return first as HostArray;
}

/** How many values apart two floats are; Infinity where only one is NaN. */
export function ulpsApart(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  const rank = (value: number): number => {
    const bits = new Int32Array(Float32Array.of(value).buffer)[0] as number;
    return bits < 0 ? -(bits & 0x7fffffff) : bits;
  };
  return Math.abs(rank(a) - rank(b));
}

const LEAST_NORMAL = 2 ** -126;

/** Subnormal floats as zeros of their sign, as some adapters compute with them. */
export function flushed<T extends HostArray>(array: T): T {
  if (!(array instanceof Float32Array)) return array;
  return array.map((value) => (Math.abs(value) < LEAST_NORMAL ? value * 0 : value)) as T;
}
