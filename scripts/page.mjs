// Opens pages of the repository in a browser, and runs the bundled tests in one.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "./server.mjs";
import { path } from "./setup.mjs";

/** A browser's end is known a moment after the rejection of what its page was doing. */
const MOMENT = 500;
/** Milliseconds that a browser may take to start: one takes three seconds, longer on a busy machine. */
const LAUNCH_LIMIT = 90_000;

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
 * A shell that kills a browser and removes its folder as soon as this process has ended, however that came: SIGKILL leaves no
 * time for more, and Firefox does not notice. Nothing is written to the pipe between them, so reading it ends only then.
 */
function watch(browser, folder) {
  const script = 'read -r end; kill -s KILL -- "-$0"; sleep 1; rm -rf -- "$1"';
  const command = ["-c", script, String(browser.process().pid), folder];
  const watcher = spawn("sh", command, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  watcher.unref();
  watcher.stdin.unref();
  return watcher;
}

/** Starts a browser that leaves its profile, its caches and its sockets in `folder`. */
async function launch(options, folder) {
  const { default: puppeteer } = await import("puppeteer");
  return puppeteer.launch({
    ...options,
    timeout: LAUNCH_LIMIT,
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
 * @returns `{ browser, page, close() }`; `close`, or the end of this process, kills the browser and removes what it wrote
 */
export async function openPageIn(options) {
  const server = await serve(path("."));
  const folder = mkdtempSync(join(tmpdir(), "torchlet-browser-"));
  let [browser, watcher] = [];
  const stop = () => {
    watcher?.kill("SIGKILL");
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
    watcher = watch(browser, folder);
    const page = await browser.newPage();
    await page.goto(server.url);
    if (!(await page.evaluate("crossOriginIsolated"))) throw new Error("it is not cross-origin isolated");
    return { browser, page, close };
  } catch (error) {
    close();
    throw new Error(`the browser opened no page: ${error.message}`, { cause: error });
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

/** Resolves with what `work` does, or with a sentence once the time is over or the page has crashed. */
async function withinLimit(work, { browser, page }, seconds) {
  let timer;
  const ends = [
    work.catch((error) => reasonOf(error, browser)),
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
 * Imports a bundle and gives the first error that nobody caught, or null: by the page's own events, since Firefox reports a
 * worker that does not load as if it were one. Once only: Firefox reloads a page that has crashed, and evaluates this again.
 */
const importing = (bundle) => `(async () => {
  if (!globalThis.isOpened) throw new Error("the page crashed");
  let uncaught = null;
  const tell = (error) => {
    uncaught ??= "an error nobody caught: " + error;
    console.log("an error nobody caught: " + error + "\\n");
  };
  addEventListener("error", ({ message }) => tell(message));
  addEventListener("unhandledrejection", ({ reason }) => tell(reason));
  await import("/${bundle}");
  return uncaught;
})()`;

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
  const { page, close } = opened;
  let output = "";
  try {
    page.on("console", (message) => {
      output += message.text(); // uvu ends its own lines
    });
    await page.evaluate("globalThis.isOpened = true");
    const reason = await withinLimit(page.evaluate(importing(bundle)), opened, seconds);
    return { output, reason };
  } finally {
    close();
  }
}
