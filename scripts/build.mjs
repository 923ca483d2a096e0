// Builds the package into build/: kernels.wasm (AssemblyScript), ESM bundles (esbuild) and declarations (tsc).
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { build } from "esbuild";
import { bundleLibrary } from "./bundleLibrary.mjs";
import { globSync } from "./glob.mjs";
import { buildForJsr } from "./jsr.mjs";
import { kernels } from "./kernels.mjs";
import { path, run } from "./setup.mjs";
import { wgsl } from "./wgsl.mjs";
import { workerScript, workerSource } from "./workerSource.mjs";

const bin = (name) => path(`node_modules/.bin/${name}`);

/** What every bundle shares: the kernels travel inside, packed, node built-ins stay imports. */
export const bundleOptions = {
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  plugins: [wgsl, workerSource, kernels],
  external: ["node:*"],
  sourcemap: true,
  logLevel: "warning",
};

/** What asc takes for granted. */
const WASM_FEATURES = ["simd", "mutable-globals", "bulk-memory", "sign-ext", "nontrapping-float-to-int"];

/**
 * The largest function, by Binaryen's count, that is inlined unasked. With 15 in place of 20 the helpers for the last elements of
 * an array stay functions, which packed takes 200 bytes less; what runs in loops says `@inline`, and is inlined as before.
 */
const INLINED_SIZE = 15;

/** Builds the kernels of a folder with `assembly/` and `asconfig.json`, this project's unless given; returns the module's file. */
export function buildKernels(folder = path(".")) {
  run(bin("asc"), ["--config", join(folder, "asconfig.json"), "--target", "release"], { cwd: folder });
  // Binaryen's own -O3 on code that asc has left simple: as fast as asc's -O3, and a thirtieth smaller once packed.
  const file = join(folder, "build/kernels.wasm");
  const features = WASM_FEATURES.map((name) => `--enable-${name}`);
  run(bin("wasm-opt"), ["-O3", `--flexible-inline-max-function-size=${INLINED_SIZE}`, ...features, file, "-o", file]);
  return file;
}

async function buildLibrary() {
  const options = {
    ...bundleOptions,
    entryPoints: {
      index: path("src/index.ts"),
      lean: path("src/lean.ts"),
      data: path("src/data/index.ts"),
      train: path("src/train/index.ts"),
      summary: path("src/train/summary.ts"),
      safetensors: path("src/io/safetensors.ts"),
      worker: path("src/worker/index.ts"),
      headless: path("src/headless/index.ts"),
      cli: path("src/cli/main.ts"),
      trainPage: path("src/cli/trainPage.ts"), // what `torchlet train --headless` runs in Chrome
      gpuProbe: path("src/cli/doctor/gpuProbe.ts"), // what `torchlet doctor` runs in a process of its own
    },
    outdir: path("build"),
  };
  await bundleLibrary(options);
  return options;
}

/** The examples as users would bundle them, against the sources. */
async function buildExamples() {
  await build({
    ...bundleOptions,
    entryPoints: { run: path("examples/run.ts"), page: path("examples/page/main.ts") },
    outdir: path("build/examples"),
  });
}

/** The declarations of every entry point refer to src/platform.d.ts, which tsc passes over. */
function referToPlatform() {
  const platform = path("build/types/platform.d.ts");
  copyFileSync(path("src/platform.d.ts"), platform);
  const { exports } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  for (const { types } of Object.values(exports)) {
    if (types === undefined) continue;
    const file = path(types);
    const reference = relative(dirname(file), platform).split(sep).join("/");
    writeFileSync(file, `/// <reference path="${reference}" />\n${readFileSync(file, "utf8")}`);
  }
}

if (process.argv[1] === path("scripts/build.mjs")) {
  for (const file of globSync(path("."), ["build"])) if (!file.endsWith(".gitignore")) rmSync(file);
  buildKernels();
  const options = await buildLibrary();
  await buildExamples();
  // For pages that may not make workers of texts: `new Worker(url of "torchlet/thread.js")`.
  writeFileSync(path("build/thread.js"), await workerScript(path("src/backend/cpu/threads/worker.ts")));
  run(bin("tsc"), ["-p", path("tsconfig.build.json")]);
  await buildForJsr(options); // after the declarations, which it takes with it
  referToPlatform(); // and npm alone: JSR allows no reference
  // npm would heed build/.gitignore, which leaves everything out; what to pack is said in package.json.
  writeFileSync(join(path("build"), ".npmignore"), "");
  writeFileSync(join(path("build"), ".stamp"), "");
}
