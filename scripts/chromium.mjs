// Finds a Chromium, opens pages of the repository in it, and runs the bundled tests in one.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { findExecutable } from "./executable.mjs";
import { openPageIn, runInPage } from "./page.mjs";

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

/** The browser's executable: PUPPETEER_EXECUTABLE_PATH, CHROME_PATH, then the PATH; undefined where there is none. */
export function findChromium() {
  const { PUPPETEER_EXECUTABLE_PATH, CHROME_PATH } = process.env;
  return findExecutable([PUPPETEER_EXECUTABLE_PATH, CHROME_PATH], NAMES);
}

/** The Vulkan manifest of SwiftShader, which Debian ships beside Chromium; undefined where it is not. */
export function swiftShaderDriver() {
  const browser = findChromium();
  const folders = [browser && dirname(realpathSync(browser)), "/usr/lib/chromium"];
  return folders
    .map((folder) => folder && join(folder, "vk_swiftshader_icd.json"))
    .find((file) => file && existsSync(file));
}

/** Puppeteer's options: with the pipe the browser ends when this process does, however that comes. */
const launchOptions = (flags) => ({ executablePath: findChromium(), args: [...FLAGS, ...flags], pipe: true });

/**
 * Opens a blank page of the served repository in a fresh, cross-origin isolated Chromium.
 *
 * @param flags more flags for the browser
 * @param protocolTimeout milliseconds that the page may take to answer; 0 for as long as it likes
 * @returns `{ browser, page, close() }`; `close`, or the end of this process, kills the browser and removes what it wrote
 */
export const openPage = (flags, protocolTimeout) => openPageIn({ ...launchOptions(flags), protocolTimeout });

/** Runs a bundle of tests in a fresh Chromium with more flags: `{ output, reason }` as `runInPage` has it. */
export const runInChromium = (bundle, seconds, flags = []) => runInPage(bundle, seconds, launchOptions(flags));
