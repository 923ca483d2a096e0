import type { Backend } from "../backend/backend.ts";
import type { Device } from "../backend/device.ts";
import { type AdapterFacts, type OpenedAdapter, openAdapter } from "../backend/webgpu/adapter.ts";
import type { Shaders, Tiling } from "../backend/webgpu/shaders.ts";
import { WebGpuBackend } from "../backend/webgpu/webgpu.ts";
import { WGSL } from "../backend/webgpu/wgsl.ts";
import { DeviceError, type TorchletError } from "../core/errors.ts";
import type { Core } from "./core.ts";
import type { GpuDiagnosis } from "./diagnose.ts";
import { measureStep } from "./measure.ts";
import { selfTest } from "./selfTest.ts";

export { openAdapter };

const nameOf = ({ vendor, architecture, description }: AdapterFacts): string =>
  description || [vendor, architecture].filter(Boolean).join(" ") || "an unnamed adapter";

const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;

/**
 * The device on an adapter that the user asked for, after its self-test.
 *
 * @param shaders those of the package, unless a test breaks one
 * @throws DeviceError where a kernel computes something else than the CPU's, or nothing
 */
export async function openGpu(
  core: Core,
  cpu: Device,
  adapter: OpenedAdapter,
  shaders: Shaders = WGSL,
): Promise<Device> {
  const { facts } = adapter;
  const tilings: readonly Tiling[] = facts.software ? ["registers"] : ["workgroup", "registers"];
  const note = (more: Partial<GpuDiagnosis>) => core.noteGpu({ ...facts, adapter: nameOf(facts), ...more });
  const open = (tiling: Tiling) => testedBackend(core, cpu, adapter, shaders, tiling);
  try {
    const tested = await allOrNone(tilings.map(open));
    const { backend, stepMs } = await fastest(core, tested);
    note({ selfTest: "passed", tiling: backend.tiling, ...(stepMs !== undefined && { stepMs }) });
    const renew = (onCpu: boolean) => successor(core, cpu, onCpu ? [] : RETRY_MS, () => open(backend.tiling));
    return new core.Device({ type: "webgpu", threads: 1, backend, math: cpu.math, host: cpu.host, renew });
  } catch (error) {
    note({ selfTest: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/** The backends of all attempts; where one fails the others are ended. */
async function allOrNone(attempts: readonly Promise<WebGpuBackend>[]): Promise<WebGpuBackend[]> {
  const settled = await Promise.allSettled(attempts);
  const failed = settled.find((result) => result.status === "rejected");
  const opened = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (failed === undefined) return opened;
  for (const backend of opened) backend.destroy();
  throw failed.reason;
}

/** Pauses before each attempt to open a lost device again: a browser may need a second to start a new GPU process. */
const RETRY_MS = [0, 300, 1500];

/** Another backend after a loss: the GPU's, or after the last pause the CPU's. */
async function successor(
  core: Core,
  cpu: Device,
  pauses: readonly number[],
  open: () => Promise<Backend>,
): Promise<{ type: "cpu" | "webgpu"; backend: Backend }> {
  for (const ms of pauses) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    try {
      return { type: "webgpu", backend: await open() };
    } catch (error) {
      core.noteMore({ reason: `lost and not opened again: ${error instanceof Error ? error.message : error}` });
    }
  }
  return { type: "cpu", backend: cpu.backend };
}

async function testedBackend(
  core: Core,
  cpu: Device,
  adapter: OpenedAdapter,
  shaders: Shaders,
  tiling: Tiling,
): Promise<WebGpuBackend> {
  const backend = new WebGpuBackend(await adapter.open(), shaders, tiling);
  try {
    await selfTest(core.kernels, cpu.backend, backend, nameOf(adapter.facts));
    return backend;
  } catch (error) {
    backend.destroy();
    throw error;
  }
}

/** Of two backends the one with the faster step; a single one is not measured. */
async function fastest(
  core: Core,
  backends: readonly WebGpuBackend[],
): Promise<{ backend: WebGpuBackend; stepMs?: number }> {
  const [first] = backends;
  if (first === undefined) throw new DeviceError("webgpu: no way to compute products was tried");
  if (backends.length === 1) return { backend: first };
  let best: { backend: WebGpuBackend; stepMs: number } | undefined;
  for (const backend of backends) {
    const stepMs = await measureStep(core.kernels, backend);
    if (best === undefined || stepMs < best.stepMs) best = { backend, stepMs };
  }
  for (const backend of backends) if (backend !== best?.backend) backend.destroy();
  return best ?? { backend: first };
}

/** For `"auto"`: a hardware GPU that passes its self-test and trains faster than the CPU, else the CPU; `diagnose` tells why. */
export async function chooseGpu(core: Core, cpu: Device, gpu: GPU): Promise<Device> {
  let adapter: OpenedAdapter;
  try {
    adapter = await openAdapter(gpu, false);
  } catch (error) {
    core.noteGpu({ reason: (error as TorchletError).message });
    return cpu;
  }
  const { facts } = adapter;
  const about = { ...facts, adapter: nameOf(facts) };
  if (facts.software) {
    core.noteGpu({ ...about, reason: 'a software adapter is taken only where init({ device: "webgpu" }) asks for it' });
    return cpu;
  }
  return fasterOf(core, cpu, adapter);
}

/** The GPU if it passes its self-test and its step takes less time than the CPU's. */
export async function fasterOf(core: Core, cpu: Device, adapter: OpenedAdapter): Promise<Device> {
  let device: Device;
  try {
    device = await openGpu(core, cpu, adapter);
  } catch {
    return cpu; // openGpu has noted why
  }
  const [gpuMs, cpuMs] = [
    await measureStep(core.kernels, device.backend),
    await measureStep(core.kernels, cpu.backend),
  ];
  const faster = gpuMs < cpuMs;
  const times = `a step takes ${milliseconds(gpuMs)} on the GPU and ${milliseconds(cpuMs)} on the CPU`;
  core.noteMore({ stepMs: gpuMs, cpuStepMs: cpuMs, reason: times });
  if (faster) return device;
  (device.backend as WebGpuBackend).destroy();
  return cpu;
}
