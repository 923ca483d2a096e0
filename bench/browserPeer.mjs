// A peer in a page of Chromium, on WebGPU in software: the driver's commands are handed on to bench/pages.
// Usage: node browserPeer.mjs torchlet|jax-js
import { openPage, SWIFTSHADER_FLAGS } from "../scripts/chromium.mjs";
import { servePeer } from "./peer.mjs";
import { versionOf } from "./versions.mjs";

const PAGES = { torchlet: "torchletPage.mjs", "jax-js": "jaxPage.mjs" };
const COMMANDS = ["restart", "steps", "evaluate", "job"];

/** `Chrome/156.0.1, google swiftshader`: the browser, and the adapter that its pages are given. */
async function runtimeOf(browser, page) {
  const adapter = await page.evaluate(async () => {
    const found = await navigator.gpu?.requestAdapter();
    return found ? `${found.info.vendor} ${found.info.architecture}` : null;
  });
  if (adapter === null) throw new Error("Chromium offers no WebGPU adapter");
  return `${await browser.version()}, ${adapter}`;
}

function fail(error) {
  console.error(`Error: ${error instanceof Error ? error.message : error}`);
  process.exit(1); // which closes the browser
}

const name = process.argv[2];
const opening = openPage(SWIFTSHADER_FLAGS, 0);
const end = () => opening.finally(() => process.exit(130)); // a browser that is still starting could not be found to kill
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
process.stdin.once("end", () => process.exit(0)); // the driver has gone, and with it who would read an answer
try {
  const { browser, page } = await opening;
  page.on("error", fail);
  page.on("pageerror", fail);
  const runtime = await runtimeOf(browser, page);
  await page.evaluate(`import("/bench/pages/${PAGES[name]}").then(({ job }) => { globalThis.job = job; })`);
  const call = (word, numbers) => page.evaluate((word, numbers) => globalThis.job[word](...numbers), word, numbers);
  const job = Object.fromEntries(COMMANDS.map((word) => [word, (...numbers) => call(word, numbers)]));
  await servePeer({ name, version: versionOf(name), threads: 1, runtime }, job);
} catch (error) {
  fail(error);
}
