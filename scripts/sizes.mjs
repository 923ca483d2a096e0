/*
 * What a page loads of the package, in bytes, and the most that it may be: `npm run sizes`.
 *
 * Each line is a program of a user, bundled by esbuild for browsers (ESM, minified, code splitting) from the built package as
 * npm would install it. Bytes are the sum of the files' sizes after gzip -9, each file by itself, as servers send them. They
 * are all that the page loads: the first file, what it imports, and with WebGPU also what `init` imports then. The kernels are
 * inside; nothing else is fetched.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { path } from "./setup.mjs";

const CORE = 'import { init, nn, optim, tensor } from "torchlet"; console.log(init, nn, optim, tensor);';
const FIT = `${CORE} import { fit } from "torchlet/train"; console.log(fit);`;

/** `most`: bytes; `gpu`: with what only a GPU needs. */
export const BUDGETS = [
  { what: "nn alone", code: 'import { nn } from "torchlet"; console.log(nn);', most: 20_000, gpu: false },
  { what: "core + CPU", code: CORE, most: 45_000, gpu: false },
  { what: "core + CPU + fit", code: FIT, most: 53_000, gpu: false },
  { what: "core + CPU + fit + WebGPU", code: FIT, most: 75_000, gpu: true },
  {
    what: "safetensors alone",
    code: 'import * as io from "torchlet/safetensors"; console.log(io);',
    most: 6_100,
    gpu: false,
  },
];

/** A bundle of a user's program, with what esbuild warns of. */
async function bundle(code, resolveDir) {
  return build({
    stdin: { contents: code, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    splitting: true,
    outdir: join(resolveDir, "out"),
    write: false,
    metafile: true,
    absWorkingDir: resolveDir,
    tsconfigRaw: {},
    external: ["node:*"],
    logLevel: "silent",
  });
}

/** The files that a page loads, by what imports what; `isWanted` tells which of those that are imported on use. */
function loadedFiles({ outputs }, isWanted) {
  const [entry] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === "<stdin>");
  const loaded = new Set([entry]);
  for (const file of loaded)
    for (const { path: target, kind } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" || isWanted(target)) loaded.add(target);
  return loaded;
}

async function measure({ code, gpu }, resolveDir) {
  const { outputFiles, metafile, warnings } = await bundle(code, resolveDir);
  const shaders = outputFiles.filter(({ text }) => text.includes("@compute")).map((file) => file.path);
  const loaded = loadedFiles(metafile, (target) => gpu && shaders.some((file) => file.endsWith(`/${target}`)));
  const files = outputFiles.filter((file) => [...loaded].some((name) => file.path.endsWith(`/${name}`)));
  const bytes = files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  const text = files.map((file) => file.text).join("\n");
  return { bytes, hasShaders: text.includes("@compute"), warnings: warnings.map((warning) => warning.text) };
}

/** Each budget's bytes, whether shaders are among them, and the bundler's warnings. */
export async function sizes() {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-sizes-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(path("."), join(folder, "node_modules/torchlet"));
    return await Promise.all(BUDGETS.map(async (budget) => ({ ...budget, ...(await measure(budget, folder)) })));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What breaks a budget, or what was promised of the bundles. */
export function sizeProblems(measured) {
  return measured.flatMap(({ what, bytes, most, gpu, hasShaders, warnings }) => [
    ...(bytes > most ? [`${what}: ${bytes} bytes, more than ${most}`] : []),
    ...(hasShaders === gpu
      ? []
      : [`${what}: ${hasShaders ? "shaders in a bundle without WebGPU" : "no shaders found"}`]),
    ...warnings.map((text) => `${what}: esbuild warns: ${text}`),
  ]);
}

if (process.argv[1] === path("scripts/sizes.mjs")) {
  const measured = await sizes();
  for (const { what, bytes, most } of measured)
    console.log(`${what.padEnd(28)}${(bytes / 1000).toFixed(1).padStart(6)} kB of ${most / 1000} kB`);
  const problems = sizeProblems(measured);
  if (problems.length > 0) console.log(problems.join("\n"));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
