// Finds a Chromium, opens pages of the repository in it, and runs the bundled tests in one.
import { accessSync, constants, existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { serve } from "./server.mjs";
import { path } from "./setup.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** WebGPU on the browser's own software adapter. */
export const SWIFTSHADER_FLAGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser's executable: PUPPETEER_EXECUTABLE_PATH, CHROME_PATH, then the PATH; undefined where there is none. */
export function findChromium() {
  const { PUPPETEER_EXECUTABLE_PATH, CHROME_PATH, PATH = "" } = process.env;
  const onPath = NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return [PUPPETEER_EXECUTABLE_PATH, CHROME_PATH, ...onPath].find((file) => file && isExecutable(file));
}

/** The Vulkan manifest of SwiftShader, which Debian ships beside Chromium; undefined where it is not. */
export function swiftShaderDriver() {
  const browser = findChromium();
  const folders = [browser && dirname(realpathSync(browser)), "/usr/lib/chromium"];
  return folders
    .map((folder) => folder && join(folder, "vk_swiftshader_icd.json"))
    .find((file) => file && existsSync(file));
}

/** Kills the browser with its renderers: Puppeteer starts it as the leader of a process group. */
function killBrowser(browser) {
  const pid = browser.process()?.pid;
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    browser.process()?.kill("SIGKILL"); // no group of its own, or ended by itself
  }
}

/**
 * Opens a blank page of the served repository in a fresh, cross-origin isolated Chromium.
 *
 * @param flags more flags for the browser
 * @param protocolTimeout milliseconds that the page may take to answer; 0 for as long as it likes
 * @returns `{ browser, page, close() }`; `close`, or the end of this process, kills the browser and removes what it wrote
 */
export async function openPage(flags, protocolTimeout) {
  const { default: puppeteer } = await import("puppeteer");
  const server = await serve(path("."));
  const folder = mkdtempSync(join(tmpdir(), "torchlet-chromium-"));
  let browser;
  const stop = () => {
    if (browser) killBrowser(browser);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  const close = () => {
    process.off("exit", stop);
    stop();
    server.close();
  };
  process.on("exit", stop);
  try {
    browser = await puppeteer.launch({
      executablePath: findChromium(),
      args: [...FLAGS, ...flags],
      userDataDir: join(folder, "profile"),
      env: { ...process.env, TMPDIR: folder }, // its sockets lie there, and a killed browser leaves them behind
      pipe: true, // it ends when this process does, however that comes
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      protocolTimeout,
    });
    const page = await browser.newPage();
    await page.goto(server.url);
    if (!(await page.evaluate("crossOriginIsolated"))) throw new Error("the page is not cross-origin isolated");
    return { browser, page, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Resolves with `work`, or with a sentence once the time is over or the page has crashed. */
async function withinLimit(work, page, seconds) {
  let timer;
  const ends = [
    work.then(
      () => null,
      (error) => `the page's bundle failed: ${error.message}`,
    ),
    new Promise((resolve) => {
      timer = setTimeout(() => resolve(`over its limit of ${seconds} s: killed`), seconds * 1000);
    }),
    new Promise((resolve) => page.once("error", (error) => resolve(`the page crashed: ${error.message}`))),
  ];
  const reason = await Promise.race(ends);
  clearTimeout(timer);
  return reason;
}

/**
 * Imports a bundle of the repository in a page of a fresh, cross-origin isolated Chromium.
 *
 * @param bundle path from the repository root
 * @param flags more flags for the browser
 * @returns `{ output, reason }`: the console's text, and why the run is not to be trusted (null where it is)
 */
export async function runInChromium(bundle, seconds, flags = []) {
  const { page, close } = await openPage(flags, (seconds + 30) * 1000); // longer than the limit, which is to end the run
  let output = "";
  try {
    let pageError = null;
    page.on("console", (message) => {
      output += message.text(); // uvu ends its own lines
    });
    page.on("pageerror", (error) => {
      pageError ??= `an error nobody caught: ${error instanceof Error ? error.message : error}`;
    });
    const work = page.evaluate(`import("/${bundle}").then(() => null)`);
    const reason = (await withinLimit(work, page, seconds)) ?? pageError;
    return { output, reason };
  } finally {
    close();
  }
}
