// The smallest program of each web library that trains the net: what a page loads of it, and how long its first step takes
// from a fresh process and in a fresh page.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { versionOf } from "../bench/versions.mjs";
import { BENCH_FOLDER, NODE_MODULES } from "./benchSetup.mjs";
import { openPage } from "./chromium.mjs";
import { path } from "./setup.mjs";

const SECONDS = 120;
const WASM = "bench/node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/";
/** A page that is not cross-origin isolated fetches this one. */
const WASM_MODULE = `${WASM}tfjs-backend-wasm-simd.wasm`;

/** By the library's name: its program in bench/smallest, and what that fetches besides. */
const LIBRARIES = {
  torchlet: { program: "torchlet" },
  "jax-js": { program: "jax" },
  "tfjs-wasm": { program: "tfjs", wasm: WASM, module: WASM_MODULE },
};

const folderOf = (program) => `${BENCH_FOLDER}/smallest/${program}`;

/** Bundles a program as a user would: for Node and for pages. */
function bundle(program) {
  return build({
    entryPoints: [path(`bench/smallest/${program}.mjs`)],
    outdir: folderOf(program),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: ["node:*", ...NODE_MODULES],
    metafile: true,
    absWorkingDir: path("."),
    tsconfigRaw: {},
    logLevel: "error",
  });
}

/** The files of a bundle that are loaded before anything runs: the program's, and what it imports. */
export function loadedFiles({ outputs }, program) {
  const [entry] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === program);
  const loaded = new Set([entry]);
  for (const file of loaded)
    for (const { path: target, kind } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && outputs[target]) loaded.add(target);
  return [...loaded];
}

const gzipped = (file) => gzipSync(readFileSync(path(file)), { level: 9 }).length;

/** Bytes after gzip -9 of what a page loads of each library. */
export async function measureSizes() {
  const results = [];
  for (const [name, { program, module }] of Object.entries(LIBRARIES)) {
    const { metafile } = await bundle(program);
    const script = loadedFiles(metafile, `bench/smallest/${program}.mjs`).reduce((sum, file) => sum + gzipped(file), 0);
    results.push({ name, version: versionOf(name), scriptBytes: script, wasmBytes: module ? gzipped(module) : 0 });
  }
  return { results };
}

/** Milliseconds to the first step in a fresh process, since the import began. */
async function startInNode({ program, wasm }) {
  const args = [path("bench/coldStart.mjs"), `${folderOf(program)}/${program}.mjs`, ...(wasm ? [path(wasm)] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: SECONDS * 1000 });
  return JSON.parse(/^bench (.*)$/m.exec(stdout)[1]).ms;
}

/** Milliseconds to the first step in a fresh page of a fresh profile, since the import began. */
async function startInPage({ browser, page: blank }, { program, wasm }) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.goto(blank.url());
    return await page.evaluate(`(async () => {
      const start = performance.now();
      const { firstStep } = await import("/build/bench/smallest/${program}/${program}.mjs");
      await firstStep(${wasm ? `"/${wasm}"` : ""});
      return performance.now() - start;
    })()`);
  } finally {
    await context.close();
  }
}

/** Rounds of a start of each library in each place: `{ rounds, results: [{ place, name, version, starts, reason }] }`. */
export async function measureStarts({ rounds }, progress) {
  const opened = await openPage([], SECONDS * 1000).catch(({ message }) => ({ reason: message }));
  const places = {
    Node: startInNode,
    Chromium: (library) => {
      if (opened.reason) throw new Error(opened.reason);
      return startInPage(opened, library);
    },
  };
  const results = Object.keys(places).flatMap((place) =>
    Object.keys(LIBRARIES).map((name) => ({ place, name, version: versionOf(name), starts: [], reason: null })),
  );
  for (const { program } of Object.values(LIBRARIES)) await bundle(program);
  for (let round = 0; round < rounds; round++) {
    progress(`start ${round + 1} of ${rounds}`);
    for (const result of results.filter(({ reason }) => reason === null)) {
      try {
        result.starts.push(await places[result.place](LIBRARIES[result.name]));
      } catch (error) {
        result.reason = error.message.trim().split("\n").at(-1);
      }
    }
  }
  opened.close?.();
  return { rounds, results };
}
