// R17: pages that lack something.
import { openPage } from "../../scripts/chromium.mjs";
import { bundleProgram, runProgram } from "./support/programs.mjs";
import { ensure, same, tally } from "./support/tally.mjs";

export const title =
  "Without threads, WebGPU, storage or a working GPU a page trains on the CPU to the same weights and diagnose says why; without WebAssembly SIMD init says what is needed.";

const noAdapter = () => {
  navigator.gpu.requestAdapter = async () => null;
};
const noDevice = () => {
  const info = { vendor: "any", architecture: "model t", description: "Model T", device: "" };
  const requestDevice = () => Promise.reject(new Error("out of order"));
  navigator.gpu.requestAdapter = async () => ({ info, features: new Set(), limits: {}, requestDevice });
};

/** What a page lacks, by a function that takes it away before anything is loaded, and what `init` then comes to. */
const CASES = [
  { what: "everything there", options: {}, trains: true },
  {
    what: "no WebGPU",
    stub: () => delete Navigator.prototype.gpu,
    options: {},
    trains: true,
    reason: /no navigator\.gpu/,
  },
  {
    what: "no WebGPU, but asked for",
    stub: () => delete Navigator.prototype.gpu,
    options: { device: "webgpu" },
    error: /^DeviceError: .*no navigator\.gpu/,
  },
  { what: "no adapter", stub: noAdapter, options: {}, trains: true, reason: /offers no adapter/ },
  { what: "an adapter without a device", stub: noDevice, options: {}, trains: true, selfTest: /out of order/ },
  {
    what: "no shared memory",
    stub: () => delete globalThis.SharedArrayBuffer,
    options: { device: "cpu" },
    trains: true,
  },
  {
    what: "no shared memory, but threads asked for",
    stub: () => delete globalThis.SharedArrayBuffer,
    options: { device: "cpu", threads: 2 },
    error: /^DeviceError: .*Cross-Origin-Opener-Policy/,
  },
  { what: "two threads", options: { device: "cpu", threads: 2 }, trains: true },
  {
    what: "no SIMD",
    stub: () => {
      WebAssembly.validate = () => false;
    },
    options: {},
    error: /^DeviceError: .*no WebAssembly SIMD.* Firefox/,
  },
  {
    what: "no WebAssembly",
    stub: () => delete globalThis.WebAssembly,
    options: {},
    error: /^DeviceError: .*WebAssembly/,
  },
  { what: "no OPFS", stub: () => delete StorageManager.prototype.getDirectory, options: {}, trains: true },
  {
    what: "storage that refuses, as in private windows",
    stub: () => {
      StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException("denied", "SecurityError"));
      Object.defineProperty(globalThis, "indexedDB", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
      Object.defineProperty(globalThis, "localStorage", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    },
    options: {},
    trains: true,
  },
];

function judge({ trains = false, options, reason, selfTest, error }, report, weights) {
  if (error) return ensure(error.test(report.error ?? ""), `ended with ${report.error}`);
  ensure(trains && report.error === undefined, `ended with ${report.error}`);
  same(report.weights, weights, "weights");
  same([report.found.device, report.found.threads], ["cpu", options.threads ?? 1], "computed on");
  if (reason)
    ensure(reason.test(report.found.webgpu?.reason ?? ""), `diagnose says ${JSON.stringify(report.found.webgpu)}`);
  if (selfTest)
    ensure(selfTest.test(report.found.webgpu?.selfTest ?? ""), `diagnose says ${JSON.stringify(report.found.webgpu)}`);
}

/** Opens a page of its own, in a private window, that lacks what `stub` takes away. */
async function reportOf({ stub, options }, { browser, page }, bundle) {
  const context = await browser.createBrowserContext();
  try {
    const own = await context.newPage();
    if (stub) await own.evaluateOnNewDocument(stub);
    await own.goto(page.url());
    return await own.evaluate(`import("/${bundle}").then(({ main }) => main(${JSON.stringify(options)}))`);
  } finally {
    await context.close();
  }
}

export async function row({ cut }) {
  const t = tally();
  const { weights } = await runProgram("plain", "node", { device: "cpu" });
  const bundle = await bundleProgram("plain");
  const opened = await openPage(["--enable-unsafe-webgpu"], 60_000);
  try {
    for (const each of cut ? CASES.slice(1, 9) : CASES)
      await t.try(each.what, async () => judge(each, await reportOf(each, opened, bundle), weights));
  } finally {
    opened.close();
  }
  return t.result("pages of Chromium, each in a private window");
}
