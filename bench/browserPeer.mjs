// A peer in a cross-origin isolated page of Chromium: the driver's commands are handed on to bench/pages.
// Usage: node browserPeer.mjs NAME cpu|webgpu THREADS [stock|worked-around|worker]; WebGPU is the browser's software adapter.
import { openPage, SWIFTSHADER_FLAGS } from "../scripts/chromium.mjs";
import { servePeer } from "./peer.mjs";
import { versionOf } from "./versions.mjs";

const PAGES = { torchlet: "torchlet", "jax-js": "jax", "tfjs-wasm": "tfjs", "onnxruntime-web": "ort" };
const FLAGS = { cpu: [], webgpu: SWIFTSHADER_FLAGS };

/** `Chrome/156.0.1, google swiftshader`: the browser and, with WebGPU, the adapter that its pages are given. */
async function runtimeOf(browser, page, device) {
  const version = await browser.version();
  if (device === "cpu") return version;
  const adapter = await page.evaluate(async () => {
    const found = await navigator.gpu?.requestAdapter();
    return found ? `${found.info.vendor} ${found.info.architecture}` : null;
  });
  if (adapter === null) throw new Error("Chromium offers no WebGPU adapter");
  return `${version}, ${adapter}`;
}

function fail(error) {
  console.error(`Error: ${error instanceof Error ? error.message : error}`);
  process.exit(1); // which closes the browser
}

const [name, device, threads, variant] = process.argv.slice(2);
const opening = openPage(FLAGS[device], 0);
const end = () => opening.finally(() => process.exit(130)); // a browser that is still starting could not be found to kill
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
process.stdin.once("end", () => process.exit(0)); // the driver has gone, and with it who would read an answer
try {
  const { browser, page } = await opening;
  page.on("error", fail);
  page.on("pageerror", fail);
  const runtime = await runtimeOf(browser, page, device);
  const options = JSON.stringify({ device, threads: Number(threads), variant });
  const commands = await page.evaluate(
    `import("/bench/pages/${PAGES[name]}.mjs").then(({ start }) => start(${options})).then((job) => {
      globalThis.job = job;
      return Object.keys(job);
    })`,
  );
  const call = (word, numbers) => page.evaluate((word, numbers) => globalThis.job[word](...numbers), word, numbers);
  const job = Object.fromEntries(commands.map((word) => [word, (...numbers) => call(word, numbers)]));
  const trains = commands.includes("steps");
  await servePeer({ name, version: versionOf(name), threads: Number(threads), trains, runtime }, job);
} catch (error) {
  fail(error);
}
