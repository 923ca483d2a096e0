// What `torchlet doctor` runs in a process of its own: a driver may crash, hang, or write to the console.
import { diagnose, init } from "../../index.ts";
import type { GpuDiagnosis } from "../../init/diagnose.ts";
import { sentenceOf } from "./finding.ts";
import { PROBE_MARK } from "./probeMark.ts";

/** What the probe tells. */
export interface GpuProbe {
  /** What `init()` without a wish takes. */
  readonly chosen: string;
  readonly gpu: GpuDiagnosis;
  /** Why the package `webgpu` does not load, in Node: `missing`, or its error. */
  readonly packageFault?: string;
}

async function packageFault(): Promise<string | undefined> {
  const { navigator } = globalThis as { navigator?: { gpu?: unknown } };
  if (navigator?.gpu !== undefined || process.versions["deno"] !== undefined) return undefined;
  // Spelled as a variable: an optional package that bundlers must not look for.
  const name = "webgpu";
  try {
    await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ERR_MODULE_NOT_FOUND" && sentenceOf(error).includes(`'${name}'`) ? "missing" : sentenceOf(error);
  }
}

async function probe(): Promise<GpuProbe> {
  const fault = await packageFault();
  const { type: chosen } = await init();
  const first = diagnose().webgpu ?? {};
  let gpu = first;
  if (first.software) {
    // Never taken without being asked for, so its self-test has not run yet; a failure is noted in the diagnosis.
    await init({ device: "webgpu" }).catch(() => undefined);
    gpu = { ...diagnose().webgpu, ...(first.reason !== undefined && { reason: first.reason }) };
  }
  return { chosen, gpu, ...(fault !== undefined && { packageFault: fault }) };
}

const found = await probe();
process.stdout.write(`\n${PROBE_MARK}${JSON.stringify(found)}\n`, () => process.exit(0));
