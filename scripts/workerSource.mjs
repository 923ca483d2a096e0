// How bundles take in the script of a worker: as text that needs nothing else, by `import source from "worker:./file.ts"`.
import { dirname, join, relative, resolve, sep } from "node:path";
import { build } from "esbuild";
import { path as inRepository } from "./setup.mjs";

const root = inRepository(".");

/** The script of a worker as one classic script. */
export const workerScript = async (file) => {
  const options = { bundle: true, minify: true, format: "iife", target: "es2022", platform: "neutral", write: false };
  const { outputFiles } = await build({ ...options, entryPoints: [file], legalComments: "none" });
  return outputFiles[0].text;
};

/** An esbuild plugin for it. */
export const workerSource = {
  name: "workerSource",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^worker:/ }, ({ path, importer }) => ({
      // Relative: bundles and source maps name it.
      path: relative(root, resolve(dirname(importer), path.slice("worker:".length)))
        .split(sep)
        .join("/"),
      namespace: "worker",
    }));
    onLoad({ filter: /.*/, namespace: "worker" }, async ({ path }) => ({
      contents: await workerScript(join(root, path)),
      loader: "text",
      watchFiles: [join(root, path)],
    }));
  },
};
