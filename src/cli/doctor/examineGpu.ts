import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Advice, type Finding, sentenceOf } from "./finding.ts";
import type { GpuProbe } from "./gpuProbe.ts";
import { PROBE_MARK } from "./probeMark.ts";
import { distribution, packageVersion, runtimeOf } from "./system.ts";

const MILLISECONDS_TO_ANSWER = 60_000;
const about = { key: "webgpu", name: "WebGPU" } as const;
const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;

/** What WebGPU gives this runtime: the adapter, its self-test, its times, and whether `auto` takes it. */
export async function examineGpu(signal: AbortSignal): Promise<Finding> {
  try {
    return judge(await runProbe(signal));
  } catch (error) {
    const advice = [{ run: "update the GPU's driver", why: "or leave it: --device cpu needs none" }];
    return { ...about, state: "broken", says: sentenceOf(error), advice, facts: {} };
  }
}

/** @throws Error (as a rejection) where the process answers nothing */
function runProbe(signal: AbortSignal): Promise<GpuProbe> {
  const file = fileURLToPath(new URL("./gpuProbe.js", import.meta.url));
  const before = runtimeOf().name === "Deno" ? ["run", "--no-prompt", "--allow-all"] : [];
  const options = { timeout: MILLISECONDS_TO_ANSWER, killSignal: "SIGKILL", signal } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...before, file], options, (error, stdout, stderr) => {
      const line = stdout.split("\n").find((each) => each.startsWith(PROBE_MARK));
      if (line !== undefined) return resolve(JSON.parse(line.slice(PROBE_MARK.length)) as GpuProbe);
      const { killed, signal: by, code } = error ?? {};
      if (killed) return reject(new Error(`no answer within ${MILLISECONDS_TO_ANSWER / 1000} s`));
      const last = stderr.trim().split("\n").at(-1) ?? "";
      return reject(new Error(`looking for an adapter ended the process (${by ?? `exit code ${code}`}) ${last}`));
    });
  });
}

function judge({ chosen, gpu, packageFault }: GpuProbe): Finding {
  const version = packageVersion("webgpu");
  const facts = { chosen, package: version, ...gpu } as Finding["facts"];
  if (gpu.adapter === undefined) return { ...about, ...without(gpu.reason ?? "", packageFault), facts };
  const kind = `${gpu.adapter}, ${gpu.software ? "software" : "hardware"}`;
  if (gpu.selfTest !== "passed") {
    const advice = [{ run: "update the GPU's driver", why: "until then --device cpu is used" }];
    return { ...about, state: "broken", says: `${kind}: ${gpu.selfTest ?? gpu.reason}`, advice, facts };
  }
  const { stepMs, cpuStepMs } = gpu;
  const times =
    stepMs !== undefined && cpuStepMs !== undefined
      ? `; a training step takes ${milliseconds(stepMs)}, on the CPU ${milliseconds(cpuStepMs)}`
      : "";
  const taken = gpu.software
    ? "taken only where --device webgpu asks for it"
    : `auto takes ${chosen === "webgpu" ? "it" : "the CPU"}`;
  return { ...about, state: "works", says: `${kind}; its self-test passed${times}; ${taken}`, facts };
}

function without(reason: string, packageFault: string | undefined): Pick<Finding, "state" | "says" | "advice"> {
  const install = { run: "npm install webgpu", why: "WebGPU for Node; the CPU does without" };
  if (packageFault === "missing")
    return { state: "missing", says: "the package webgpu is not installed", advice: [install] };
  if (packageFault !== undefined)
    return { state: "broken", says: `the package webgpu does not load: ${packageFault}`, advice: [install] };
  return { state: "missing", says: reason.replace(/^webgpu: /, "").replace(/; call init.*$/, ""), advice: drivers() };
}

/** Where Linux keeps the list of its Vulkan drivers. */
const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const holdsFiles = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;

function drivers(): Advice[] {
  const why = "if there is a GPU; the CPU does without";
  if (process.platform !== "linux") return [{ run: "update the GPU's driver", why }];
  // With a driver there that offers nothing, Mesa's would be no news.
  if (/debian|ubuntu/.test(distribution()) && !DRIVER_FOLDERS.some(holdsFiles))
    return [{ run: "apt-get install mesa-vulkan-drivers", why }];
  return [{ run: "install the Vulkan driver of the GPU's maker", why }];
}
