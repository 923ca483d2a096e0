import { DeviceError } from "../../core/errors.ts";

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

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|warp/i;

/**
 * The adapter to compute on: the fastest hardware; a software one only where `software` asks for it.
 *
 * @throws DeviceError that says what is missing and the way out
 */
export async function openAdapter(gpu: GPU, software: boolean): Promise<OpenedAdapter> {
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
