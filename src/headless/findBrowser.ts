import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { PuppeteerNode } from "puppeteer";
import { HeadlessError } from "./headlessError.ts";

const VARIABLES = ["PUPPETEER_EXECUTABLE_PATH", "CHROME_PATH"];
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome.exe"];
/** Names of packages in variables: bundlers must not look for what may be missing. */
const PACKAGES = ["puppeteer", "puppeteer-core"];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Puppeteer, or puppeteer-core where only that is installed. @throws HeadlessError with the line that installs it */
export async function loadPuppeteer(): Promise<PuppeteerNode> {
  for (const name of PACKAGES) {
    try {
      const module: { default: PuppeteerNode } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
      return module.default;
    } catch (cause) {
      if (!isMissing(cause, name)) throw new HeadlessError(`headless: the package ${name} does not load: ${cause}`);
    }
  }
  throw new HeadlessError("headless: training in Chrome needs the package puppeteer; run: npm install puppeteer");
}

function isMissing(cause: unknown, name: string): boolean {
  return (
    cause instanceof Error &&
    "code" in cause &&
    cause.code === "ERR_MODULE_NOT_FOUND" &&
    cause.message.includes(`'${name}'`)
  );
}

/**
 * The Chrome to start: PUPPETEER_EXECUTABLE_PATH, CHROME_PATH, the one that Puppeteer has installed, the usual names on the
 * PATH, the system's Chrome.
 *
 * @throws HeadlessError if a variable names no program, or there is no browser: it says what to install
 */
export function findBrowser(puppeteer: PuppeteerNode, environment: NodeJS.ProcessEnv = process.env): string {
  for (const variable of VARIABLES) {
    const file = environment[variable];
    if (!file) continue;
    if (isExecutable(file)) return file;
    throw new HeadlessError(`headless: ${variable} is to name Chrome's program, got ${file}; correct it or unset it`);
  }
  const onPath = NAMES.flatMap((name) => (environment.PATH ?? "").split(delimiter).map((folder) => join(folder, name)));
  const own = installed(() => puppeteer.executablePath());
  const system = installed(() => puppeteer.executablePath("chrome"));
  const found = [...own, ...onPath, ...system].find(isExecutable);
  if (found !== undefined) return found;
  throw new HeadlessError(
    "headless: no Chrome or Chromium was found; run: npx puppeteer browsers install chrome (Debian: apt-get install chromium), or name its program in PUPPETEER_EXECUTABLE_PATH",
  );
}

/** Puppeteer throws where it knows of no browser; puppeteer-core always does. */
function installed(path: () => string): string[] {
  try {
    return [path()];
  } catch {
    return [];
  }
}
