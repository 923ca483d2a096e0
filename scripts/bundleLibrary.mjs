// Bundles the entry points into build/: files that other bundlers can take apart again, under names that stay the same.
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { path } from "./setup.mjs";

/** Modules that are exported as objects (`nn.Linear`). As files of their own, bundlers leave out what nobody takes of them. */
const NAMESPACES = {
  F: "src/functional.ts",
  nn: "src/nn/index.ts",
  nnInit: "src/nn/init.ts",
  optim: "src/optim/index.ts",
};

/** Lets `export * as nn from "./nn/index.ts"` stand, as `export * as nn from "./nn.js"`. */
const namespaces = {
  name: "namespaces",
  setup(build) {
    const names = new Map(Object.entries(NAMESPACES).map(([name, file]) => [path(file), name]));
    const exporters = ["src/public.ts", "src/nn/index.ts"].map(path);
    build.onResolve({ filter: /^\.\// }, ({ path: given, importer, kind }) => {
      if (kind !== "import-statement" || !exporters.includes(importer)) return undefined;
      const name = names.get(join(dirname(importer), given));
      return name && { path: `./${name}.js`, external: true, sideEffects: false };
    });
  },
};

const KERNELS = "build/kernels.wasm";

/**
 * Makes the kernels a file of their own, `kernels.js`, which `kernelsFirst` lets bundlers meet before all else. Compressors code
 * a stretch of text by how often letters come in it, and stretches of base64 and of code alike take hundreds of bytes more.
 */
const kernelsFile = {
  name: "kernels as a file",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./kernels.js", external: true, sideEffects: false },
    );
  },
};

const KERNELS_IMPORT = /^import \w+ from "\.\/kernels\.js";\n/m;
const kernelsFirst = (text) => (text.match(KERNELS_IMPORT)?.[0] ?? "") + text.replace(KERNELS_IMPORT, "");

const CHUNK = /\bchunk-[A-Z0-9]{8}\b/g;

/** A name for each chunk: of the module that fills most of it, so that it changes as seldom as the modules do. */
function chunkNames(outputs) {
  const names = new Map();
  const taken = new Set();
  for (const [file, { inputs }] of Object.entries(outputs)) {
    const [chunk] = basename(file).match(CHUNK) ?? [];
    if (chunk === undefined || file.endsWith(".map")) continue;
    const sizes = Object.entries(inputs).map(([input, { bytesInOutput }]) => [bytesInOutput, input]);
    const [, largest] = sizes.sort(([a, one], [b, other]) => b - a || (one < other ? -1 : 1))[0] ?? [0, "empty"];
    const short = `chunk-${basename(largest).replace(/\.\w+$/, "")}`;
    const long = `chunk-${basename(dirname(largest))}-${basename(largest).replace(/\.\w+$/, "")}`;
    // Chunks that only pass on what others hold are told apart by their number.
    const choices = largest === "empty" ? [short, `${short}2`, `${short}3`, `${short}4`] : [short, long];
    const name = choices.find((choice) => !taken.has(choice));
    if (name === undefined) throw new Error(`two chunks would be named ${long}`);
    taken.add(name);
    names.set(chunk, name);
  }
  return names;
}

/** esbuild imports shared chunks for their side effects too, and bundlers warn, as package.json tells them of none. */
const withoutBareImports = (text) => text.replace(/^import "\.\/chunk-\w+\.js";$/gm, "");

/** Writes the bundles of `options.entryPoints` and their source maps to `options.outdir`. */
export async function bundleLibrary(options) {
  const files = Object.entries(NAMESPACES).map(([name, file]) => [name, path(file)]);
  const { outputFiles, metafile } = await build({
    ...options,
    plugins: [namespaces, kernelsFile, ...options.plugins],
    entryPoints: { ...options.entryPoints, ...Object.fromEntries(files), kernels: path(KERNELS) },
    splitting: true,
    chunkNames: "chunk-[hash]",
    metafile: true,
    write: false,
  });
  const names = chunkNames(metafile.outputs);
  const named = (text) => text.replace(CHUNK, (chunk) => names.get(chunk) ?? chunk);
  mkdirSync(options.outdir, { recursive: true });
  for (const { path: file, text } of outputFiles) {
    const mode = basename(file) === "cli.js" ? 0o755 : 0o644;
    writeFileSync(
      `${dirname(file)}/${named(basename(file))}`,
      named(file.endsWith(".js") ? kernelsFirst(withoutBareImports(text)) : text),
      { mode },
    );
  }
}
