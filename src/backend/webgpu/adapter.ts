import { DeviceError } from "../../core/errors.ts";
import { nodeGpu } from "./nodeGpu.ts";

/** What an adapter says of itself. */
export interface AdapterFacts {
  /** E.g. `nvidia`, `google`; empty where the browser does not tell. */
  readonly vendor: string;
  /** E.g. `ampere`; empty where the browser does not tell. */
  readonly architecture: string;
  /** The adapter in words; empty where the browser does not tell. */
  readonly description: string;
  /** True for one that computes on the CPU: SwiftShader, llvmpipe, WARP. */
  readonly software: boolean;
  /** WebGPU's names of what the adapter can do beyond the least, e.g. `shader-f16`. */
  readonly features: readonly string[];
}

export interface OpenedAdapter {
  readonly facts: AdapterFacts;
  /** Opens a device within the default limits; a new adapter is asked for where the old one has been used. */
  readonly open: () => Promise<GPUDevice>;
}

interface Runtime {
  readonly navigator?: { readonly gpu?: GPU };
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: unknown;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|warp/i;

/** WebGPU's entry point: the platform's own, or in Node the npm package `webgpu` where it is installed. */
export async function findGpu(runtime: Runtime = globalThis as Runtime): Promise<GPU | undefined> {
  if (runtime.navigator?.gpu) return runtime.navigator.gpu;
  if (!runtime.process?.versions?.["node"] || runtime.Deno) return undefined;
  return nodeGpu();
}

/** Whether the platform may have WebGPU, as far as can be told at once. */
export const mayHaveGpu = (runtime: Runtime = globalThis as Runtime): boolean => runtime.navigator?.gpu !== undefined;

/**
 * The adapter to compute on: the fastest hardware; a software one only where `software` asks for it.
 *
 * @throws DeviceError that says what is missing and the way out
 */
export async function openAdapter(gpu: GPU | undefined, software: boolean): Promise<OpenedAdapter> {
  if (gpu === undefined)
    throw new DeviceError(
      'webgpu: this runtime has no navigator.gpu; use a current browser (and a secure page), Deno, or the npm package webgpu in Node, or init({ device: "cpu" })',
    );
  const request = async () =>
    (await gpu.requestAdapter({ powerPreference: "high-performance" })) ??
    (software ? await gpu.requestAdapter({ forceFallbackAdapter: true }) : null);
  let adapter = await request();
  if (adapter === null) throw new DeviceError('webgpu: this machine offers no adapter; call init({ device: "cpu" })');
  const facts = factsOf(adapter);
  const open = async (): Promise<GPUDevice> => {
    // An adapter serves once: a second device needs a second adapter.
    const fresh = adapter ?? (await request());
    adapter = null;
    if (fresh === null) throw new DeviceError("webgpu: the adapter is gone and no other is offered");
    try {
      return await fresh.requestDevice();
    } catch (error) {
      throw new DeviceError(
        `webgpu: the adapter ${facts.description || facts.vendor} gives no device within the default limits: ${error instanceof Error ? error.message : error}; call init({ device: "cpu" })`,
      );
    }
  };
  return { facts, open };
}

function factsOf(adapter: GPUAdapter): AdapterFacts {
  const { vendor = "", architecture = "", description = "", device = "" } = adapter.info ?? {};
  const text = [vendor, architecture, device, description].join(" ");
  return {
    vendor,
    architecture,
    description: description || device,
    software: adapter.info?.isFallbackAdapter === true || SOFTWARE.test(text),
    features: [...adapter.features].sort(),
  };
}
