// Bundles the test files: one bundle for Node, Deno, Bun, Chromium and Firefox alike, one for test/node, which needs Node's
// modules, and one for WebGPU in Deno and Chromium: test/webgpu, and every shared file that tests whatever device it is given.
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "./build.mjs";
import { globSync } from "./glob.mjs";
import { path } from "./setup.mjs";

/** What is tried in Node, whose WebGPU is Chromium's without the browser: operations, gradients, a short training. */
const ON_DAWN = ["test/ops/golden.test.ts", "test/ops/gradients.test.ts", "test/webgpu/training.test.ts"];

/** What is tried on two threads: operations, gradients, training, memory over thousands of steps. */
const ON_THREADS = [
  ...["test/ops/golden.test.ts", "test/ops/gradients.test.ts", "test/memory/loops.test.ts"],
  ...["test/train/fit.test.ts", "test/train/parity.test.ts", "test/train/referenceJob.test.ts"],
  "test/train/resume.test.ts",
];

/** Test files by their paths from the root, sorted; with a filter only those whose path contains it. */
export function findTests(filter = "") {
  const files = globSync(path("."), ["test"], ".test.ts").map((file) => relative(path("."), file).split(sep).join("/"));
  const chosen = files.filter((file) => file.includes(filter)).sort();
  const isIn = (folder) => (file) => file.startsWith(`test/${folder}/`);
  const shared = chosen.filter((file) => !isIn("node")(file) && !isIn("webgpu")(file));
  const onAnyDevice = shared.filter((file) => readFileSync(path(file), "utf8").includes("useDevice"));
  return {
    shared,
    nodeOnly: chosen.filter(isIn("node")),
    webgpu: [...chosen.filter(isIn("webgpu")), ...onAnyDevice],
    dawn: chosen.filter((file) => ON_DAWN.includes(file)),
    threads: chosen.filter((file) => ON_THREADS.includes(file)),
  };
}

/** Imports each file on its own, so that one that throws is named and the others still run. */
function entry(files, device, threads) {
  const list = files.map((file) => `[${JSON.stringify(file)}, () => import(${JSON.stringify(`./${file}`)})]`);
  return `globalThis.torchletDevice = "${device}";
globalThis.torchletThreads = ${threads};
import { runFiles } from "./test/support/report.ts";\nawait runFiles([\n${list.join(",\n")}\n]);\n`;
}

/** Writes build/test/`name`.mjs, whose tests compute on `device`, and returns its path from the root. */
export async function bundleTests(name, files, { platform = "neutral", device = "cpu", threads = 1 } = {}) {
  const outfile = `build/test/${name}.mjs`;
  await build({
    ...bundleOptions,
    platform,
    external: [...bundleOptions.external, "puppeteer", "esbuild"],
    mainFields: ["module", "main"],
    stdin: { contents: entry(files, device, threads), resolveDir: path("."), sourcefile: `${name}.ts`, loader: "ts" },
    tsconfig: path("tsconfig.json"),
    outfile: path(outfile),
  });
  return outfile;
}

/** Bundles what the tests load in workers, beside the bundle that loads it. */
export async function bundleWorkers() {
  await build({
    ...bundleOptions,
    entryPoints: ["jobs", "idle", "stores"].map((name) => path(`test/worker/${name}.ts`)),
    outExtension: { ".js": ".mjs" },
    outdir: path("build/test"),
  });
}
