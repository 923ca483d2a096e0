// A copy of the tree in a temporary folder, where changes are made, compiled and bundled; it goes with the process.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { context, stop } from "esbuild";
import { path } from "../setup.mjs";
import { workerSource } from "../workerSource.mjs";

const COPIED = ["assembly", "shaders", "src", "test", "package.json", "tsconfig.json"];
const MODULE = "build/kernels.wasm";

/** Kernels and shaders are read when the tests run, not when they are bundled: one bundle serves all changes of them. */
const LATE = `import { readFileSync } from "node:fs";\n`;
const lateKernels = `${LATE}export const unpackKernels = () => new Uint8Array(readFileSync("${MODULE}"));`;
const lateShader = (file) => `${LATE}import { packWgsl } from ${JSON.stringify(path("scripts/wgsl.mjs"))};
export default packWgsl(readFileSync("shaders/${file}", "utf8"));`;

const late = {
  name: "late",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^uvu$/ }, () => ({ path: path("scripts/mutation/uvu.mjs") }));
    onLoad({ filter: /\.wasm$/ }, () => ({ contents: "export default {};", loader: "js" }));
    onLoad({ filter: /packedKernels\.ts$/ }, () => ({ contents: lateKernels, loader: "js" }));
    onLoad({ filter: /\.wgsl$/ }, ({ path: file }) => ({
      contents: lateShader(file.split(/[\\/]/).at(-1)),
      loader: "js",
    }));
  },
};

/** What begins a bundle: the device, then the files one by one, so that one that does not load is named. */
function entry({ files, device = "cpu", threads = 1, check }) {
  const list = files.map((file) => `[${JSON.stringify(file)}, () => import(${JSON.stringify(`./${file}`)})]`);
  const imported = (name) => JSON.stringify(path(`scripts/mutation/${name}.mjs`));
  const checks = check
    ? `import { checkShaders } from ${imported("checkShaders")};`
    : "const checkShaders = undefined;";
  return `import { runFiles } from ${imported("uvu")};\n${checks}
globalThis.torchletDevice = "${device}";\nglobalThis.torchletThreads = ${threads};
await runFiles([\n${list.join(",\n")}\n], checkShaders);\n`;
}

/** AssemblyScript as `asconfig.json` has it, but plain: nobody waits for these kernels, only for the compiler. */
const ASC = ["assembly/index.ts", ...["--outFile", "kernels.wasm"], ...["--optimizeLevel", "0"]];

const { options } = JSON.parse(readFileSync(path("asconfig.json"), "utf8"));
const ASC_OPTIONS = [
  ...["--runtime", options.runtime, "--importMemory", "--maximumMemory", String(options.maximumMemory)],
  ...["--noAssert", "--enable", options.enable.join(",")],
];

export class Workplace {
  #bundles = new Map();

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), "torchlet-mutation-"));
    for (const name of COPIED) cpSync(path(name), join(this.root, name), { recursive: true });
    symlinkSync(path("node_modules"), join(this.root, "node_modules"), "dir");
    mkdirSync(join(this.root, "build"));
  }

  /** Lets the bundler end, which complains of a sudden end, and takes the folder away. */
  async close() {
    for (const { made } of this.#bundles.values()) await made.dispose();
    await stop();
    this.remove();
  }

  /** Takes the folder away. */
  remove() {
    rmSync(this.root, { recursive: true, force: true });
  }

  read(file) {
    return readFileSync(join(this.root, file), "utf8");
  }

  write(file, text) {
    writeFileSync(join(this.root, file), text);
  }

  /** Compiles the kernels as they are now and lays them where the bundles look: their bytes, or undefined. */
  async compileKernels() {
    let bytes;
    const writeFile = (_name, contents) => {
      bytes = contents;
    };
    const args = [...ASC, ...ASC_OPTIONS, "--baseDir", this.root];
    const quiet = { write: () => true };
    const { error } = await asc.main(args, { writeFile, stdout: quiet, stderr: quiet });
    if (error !== null) return undefined;
    this.layKernels(bytes);
    return Buffer.from(bytes);
  }

  /** Lays kernels where the bundles look. */
  layKernels(bytes) {
    writeFileSync(join(this.root, MODULE), bytes);
  }

  /** The bundle of a stage from the sources as they are now; `fresh` bundles again what was bundled before. */
  async bundle(stage, fresh) {
    const known = this.#bundles.get(stage.name);
    if (known && !fresh && !known.stale) return known.file;
    const file = `build/${stage.name}.mjs`;
    const made = known?.made ?? (await context(this.#options(stage, file)));
    this.#bundles.set(stage.name, { file, made, stale: fresh });
    await made.rebuild();
    return file;
  }

  #options(stage, file) {
    return {
      bundle: true,
      format: "esm",
      target: "es2022",
      platform: "neutral",
      mainFields: ["module", "main"],
      plugins: [late, workerSource],
      external: ["node:*", "puppeteer", "esbuild", "webgpu"],
      stdin: { contents: entry(stage), resolveDir: this.root, sourcefile: `${stage.name}.ts`, loader: "ts" },
      tsconfig: join(this.root, "tsconfig.json"),
      absWorkingDir: this.root,
      outfile: join(this.root, file),
      logLevel: "silent",
    };
  }
}
