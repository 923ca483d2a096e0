// Makes a bare clone ready: dependencies (never their install scripts) and a fresh build. Needs nothing but Node and npm.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { globSync } from "./glob.mjs";

const root = new URL("..", import.meta.url);
export const path = (name) => fileURLToPath(new URL(name, root));

/** Runs a command in the repository root and stops with its exit code when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: path("."), stdio: "inherit", ...options });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** Installs what package-lock.json names, unless exactly that is installed already. */
export function installDependencies() {
  const stamp = path("node_modules/.torchlet-lock");
  const lock = readFileSync(path("package-lock.json"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("torchlet: installing dependencies (npm ci, without install scripts)");
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, lock);
}

/** Builds when a source is newer than the last build. */
export function buildIfStale() {
  const stamp = path("build/.stamp");
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const sources = globSync(path("."), ["assembly", "src", "shaders", "scripts"]);
  sources.push(...["package.json", "jsr.json", "asconfig.json", "tsconfig.json", "tsconfig.build.json"].map(path));
  if (sources.every((file) => statSync(file).mtimeMs < built)) return;
  console.log("torchlet: building WebAssembly and bundles");
  run(process.execPath, [path("scripts/build.mjs")]);
}
