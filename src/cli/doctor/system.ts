import { existsSync, readFileSync } from "node:fs";
import { arch, availableParallelism, platform, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finding } from "./finding.ts";

/** The runtimes that run this command line, and their versions. */
export interface Runtime {
  readonly name: "Node" | "Deno" | "Bun";
  readonly version: string;
}

/** What runs this. Deno and Bun tell Node's version too, so they are asked for first. */
export function runtimeOf(versions: Readonly<Record<string, string | undefined>> = process.versions): Runtime {
  const { deno, bun, node = "" } = versions;
  if (deno !== undefined) return { name: "Deno", version: deno };
  return bun !== undefined ? { name: "Bun", version: bun } : { name: "Node", version: node };
}

const SYSTEMS: Readonly<Record<string, string>> = { linux: "Linux", darwin: "macOS", win32: "Windows" };
const OLDEST_NODE = [20, 16] as const;

/** True for versions that package.json's `engines` leaves out. */
export function isTooOld({ name, version }: Runtime): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return name === "Node" && (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]));
}

/** The runtime, the system, cores and memory. */
export function examineRuntime(): Finding {
  const runtime = runtimeOf();
  const cores = availableParallelism();
  const gigabytes = totalmem() / 1e9;
  const old = isTooOld(runtime);
  const where = `${SYSTEMS[platform()] ?? platform()} ${arch()}`;
  const says = `${runtime.name} ${runtime.version}, ${where}, ${cores} ${cores === 1 ? "core" : "cores"}, ${gigabytes.toFixed(0)} GB of memory`;
  return {
    key: "runtime",
    name: "Runtime",
    state: old ? "broken" : "works",
    says: old ? `${says}; Node ${OLDEST_NODE.join(".")} or later is needed` : says,
    ...(old && { advice: [{ run: "install a current Node from https://nodejs.org" }] }),
    facts: { ...runtime, platform: platform(), arch: arch(), cores, memoryBytes: totalmem() },
  };
}

/** Shared memory, which threads need; pages get it only when they are cross-origin isolated. */
export function examineMemory(): Finding {
  const shared = typeof SharedArrayBuffer === "function";
  const isolated = globalThis.crossOriginIsolated === true;
  const says = shared
    ? "SharedArrayBuffer is there: init({ threads }) can take more than one thread"
    : "there is no SharedArrayBuffer: one thread computes";
  return {
    key: "memory",
    name: "Memory",
    state: shared ? "works" : "missing",
    says,
    facts: { sharedArrayBuffer: shared, crossOriginIsolated: isolated },
  };
}

/** The installed version of a package that this file can import, or undefined. */
export function packageVersion(name: string, from: string = fileURLToPath(import.meta.url)): string | undefined {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const manifest = join(folder, "node_modules", name, "package.json");
    if (existsSync(manifest)) {
      const { version }: { version?: string } = JSON.parse(readFileSync(manifest, "utf8"));
      return version;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** The names by which a Linux distribution calls itself and those it descends from, as `ubuntu debian`; "" elsewhere. */
export function distribution(file = "/etc/os-release"): string {
  try {
    const text = readFileSync(file, "utf8");
    const values = Array.from(text.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm), ([, value = ""]) => value.replace(/"/g, ""));
    return values.join(" ");
  } catch {
    return "";
  }
}
