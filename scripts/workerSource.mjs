// How bundles take in the script of a worker: as text that needs nothing else, by `import source from "worker:./file.ts"`.
import { dirname, resolve } from "node:path";
import { build } from "esbuild";

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
      path: resolve(dirname(importer), path.slice("worker:".length)),
      namespace: "worker",
    }));
    onLoad({ filter: /.*/, namespace: "worker" }, async ({ path }) => ({
      contents: await workerScript(path),
      loader: "text",
      watchFiles: [path],
    }));
  },
};
