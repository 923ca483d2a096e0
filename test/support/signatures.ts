import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as array from "../../src/array.ts";
import * as autograd from "../../src/autograd.ts";
import type { Kernel } from "../../src/core/kernel.ts";

/** Files below a folder of the repository whose names end so, sorted. */
export const filesBelow = (folder: string, suffix: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("node_modules"))
    .sort();

/** The rooms whose modules declare kernels. Each is spelled out: the bundler takes in what such an import may mean. */
const ROOMS: Readonly<Record<string, (name: string) => Promise<Record<string, unknown>>>> = {
  "src/ops": (name) => import(`../../src/ops/${name}.ts`),
  "src/data": (name) => import(`../../src/data/${name}.ts`),
  "src/optim": (name) => import(`../../src/optim/${name}.ts`),
};

/** Every kernel signature of the package: what modules export, and what a file keeps to itself. */
export async function signatures(): Promise<Kernel[]> {
  const modules: Record<string, unknown>[] = [array, autograd];
  for (const [room, load] of Object.entries(ROOMS))
    for (const file of filesBelow(room, ".ts")) modules.push(kernelsIn(file), await load(basename(file, ".ts")));
  const kernels = modules.flatMap((module) => Object.values(module)).filter(isKernel);
  return [...new Map(kernels.map((kernel) => [kernel.name, kernel])).values()];
}

const isKernel = (value: unknown): value is Kernel =>
  typeof value === "object" && value !== null && "reads" in value && "params" in value;

/** Signatures written in a file, read from its text. */
function kernelsIn(file: string): Record<string, Kernel> {
  const found: Record<string, Kernel> = {};
  const text = readFileSync(file, "utf8");
  const pattern = /kernel\("(\w+)",\s*\{\s*reads:\s*\[([^\]]*)\],\s*writes:\s*\[([^\]]*)\],([^;]*?)\}\)?;/gs;
  for (const [, name = "", reads = "", writes = "", rest = ""] of text.matchAll(pattern)) {
    const words = (list: string) => Array.from(list.matchAll(/"(\w+)"/g), ([, word = ""]) => word);
    const params = Array.from(
      rest.matchAll(/(\w+):\s*"(u32|i32|f32)"/g),
      ([, key = "", type = "u32"]) => [key, type as "u32"] as const,
    );
    found[name] = {
      name,
      reads: words(reads),
      writes: words(writes),
      params,
      workspace: /workspace:\s*true/.test(rest),
      threads: () => 1,
      split: undefined,
      number: undefined,
    };
  }
  return found;
}
