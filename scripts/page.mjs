// Opens pages of the repository in a browser, and runs the bundled tests in one.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "./server.mjs";
import { path } from "./setup.mjs";

/** A browser's end is known a moment after the rejection of what its page was doing. */
const MOMENT = 500;

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

/** Starts a browser that leaves its profile, its caches and its sockets in `folder`. */
async function launch(options, folder) {
  const { default: puppeteer } = await import("puppeteer");
  return puppeteer.launch({
    ...options,
    userDataDir: join(folder, "profile"),
    env: { ...process.env, ...options.env, HOME: folder, TMPDIR: folder },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/**
 * Opens a blank page of the served repository in a fresh browser; the page is cross-origin isolated.
 *
 * @param options of Puppeteer's `launch`: which browser, its arguments
 * @returns `{ browser, page, url, close() }`; `close`, or the end of this process, kills the browser and removes what it wrote
 */
export async function openPageIn(options) {
  const server = await serve(path("."));
  const folder = mkdtempSync(join(tmpdir(), "torchlet-browser-"));
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
    browser = await launch(options, folder);
    const page = await browser.newPage();
    await page.goto(server.url);
    if (!(await page.evaluate("crossOriginIsolated"))) throw new Error("the page is not cross-origin isolated");
    return { browser, page, url: server.url, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Why what the page did was rejected: the browser's end, if it has ended, says more than the page's. */
async function reasonOf(error, browser) {
  await delay(MOMENT);
  const { exitCode, signalCode } = browser.process();
  if (exitCode !== null || signalCode !== null)
    return `the browser ended with ${signalCode ?? `exit code ${exitCode}`}`;
  return `the page's bundle failed: ${error.message}`;
}

/** Resolves with `work`, or with a sentence once the time is over or the page has crashed. */
async function withinLimit(work, { browser, page }, seconds) {
  let timer;
  const ends = [
    work.then(
      () => null,
      (error) => reasonOf(error, browser),
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

/** Imports a bundle. Firefox asks a crashed page's successor, which is blank, again. */
const importing = (bundle, url) => `location.origin === "${url}"
  ? import("/${bundle}").then(() => null)
  : Promise.reject(new Error("the page crashed"))`;

/**
 * Imports a bundle of the repository in a page of a fresh browser, which it closes.
 *
 * @param bundle path from the repository root
 * @param seconds its limit
 * @param options of Puppeteer's `launch`
 * @returns `{ output, reason }`: the console's text, and why the run is not to be trusted (null where it is)
 */
export async function runInPage(bundle, seconds, options) {
  const patience = (seconds + 30) * 1000; // longer than the limit, which is to end the run
  const opened = await openPageIn({ ...options, protocolTimeout: patience });
  const { page, url, close } = opened;
  let output = "";
  try {
    let pageError = null;
    page.on("console", (message) => {
      output += message.text(); // uvu ends its own lines
    });
    page.on("pageerror", (error) => {
      pageError ??= `an error nobody caught: ${error instanceof Error ? error.message : error}`;
    });
    const reason = (await withinLimit(page.evaluate(importing(bundle, url)), opened, seconds)) ?? pageError;
    return { output, reason };
  } finally {
    close();
  }
}
