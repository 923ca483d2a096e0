import { once } from "node:events";
import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Browser, PuppeteerNode } from "puppeteer";
import { findBrowser, loadPuppeteer } from "./findBrowser.ts";
import { HeadlessError } from "./headlessError.ts";
import type { HeadlessDevice } from "./protocol.ts";

const FLAGS = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A lost GPU may be opened again, as often as it takes.
  "--disable-domain-blocking-for-3d-apis",
  "--disable-gpu-process-crash-limit",
];
const HARDWARE = ["--enable-unsafe-webgpu", ...(process.platform === "linux" ? ["--enable-features=Vulkan"] : [])];
const SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const NO_GPU = ["--disable-gpu"];

/** What a browser adds to its temporary folder's path for a socket, at most, and how long a socket's path may be. */
const SOCKET_PATH = "/com.google.chrome.for.testing.123456/SingletonSocket".length;
const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;

/** How long a browser may take to end by itself before it is killed. */
const MILLISECONDS_TO_CLOSE = 2000;

/** A browser of our own. */
export interface OwnBrowser {
  readonly browser: Browser;
  /** Ends it with all its processes and removes its profile; never fails. */
  readonly close: () => Promise<void>;
}

/** What `openBrowser` is to give. */
export interface BrowserWish {
  readonly device: HeadlessDevice;
  /** A page of a secure origin, where adapters can be asked for. */
  readonly blankUrl: string;
  /** More flags for the browser. */
  readonly flags: readonly string[];
  readonly onWarning: (sentence: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts Chrome with a GPU for its pages where `device` asks for one: hardware if there is some; else, only for `"webgpu"`,
 * SwiftShader, with a warning.
 *
 * @throws HeadlessError if the package or a browser is missing, or the browser does not start
 */
export async function openBrowser(wish: BrowserWish): Promise<OwnBrowser> {
  const puppeteer = await loadPuppeteer();
  const executablePath = findBrowser(puppeteer);
  const start = (flags: readonly string[]) => {
    wish.signal?.throwIfAborted();
    return launch(puppeteer, executablePath, [...flags, ...wish.flags]);
  };
  if (wish.device === "cpu") return start(NO_GPU);
  // A browser that dies of its GPU is one without: Chrome says "GPU process isn't usable" and ends.
  const own = await start(HARDWARE).catch((error: unknown) => {
    if (!(error instanceof HeadlessError)) throw error;
    return undefined;
  });
  if (own && (await hasHardware(own.browser, wish.blankUrl))) return own;
  await own?.close();
  if (wish.device === "auto") return start(NO_GPU);
  wish.onWarning("webgpu: Chrome finds no hardware GPU here; going on with SwiftShader, which computes on the CPU");
  return start(SOFTWARE);
}

async function hasHardware(browser: Browser, blankUrl: string): Promise<boolean> {
  try {
    const page = await browser.newPage();
    await page.goto(blankUrl);
    const found = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
      const { vendor = "", architecture = "", description = "" } = adapter?.info ?? {};
      return adapter
        ? { fallback: adapter.info.isFallbackAdapter, name: `${vendor} ${architecture} ${description}` }
        : null;
    });
    await page.close();
    return found !== null && !found.fallback && !/swiftshader|llvmpipe|lavapipe|basic render|warp/i.test(found.name);
  } catch {
    return false; // the browser has gone, with the GPU process
  }
}

async function launch(puppeteer: PuppeteerNode, executablePath: string, flags: readonly string[]): Promise<OwnBrowser> {
  const userDataDir = mkdtempSync(join(tmpdir(), "torchlet-headless-"));
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : []; // Chrome refuses root a sandbox
  try {
    const browser = await puppeteer.launch({
      executablePath,
      userDataDir,
      env: withTemporary(userDataDir),
      args: [...FLAGS, ...sandbox, ...flags],
      pipe: true, // Chrome ends when the pipe does, even where this process is killed
      handleSIGINT: false,
      handleSIGTERM: false,
      protocolTimeout: 0, // a page that computes answers late
    });
    return ownBrowser(browser, [socketFolder(userDataDir), userDataDir]);
  } catch (cause) {
    removeFolder(socketFolder(userDataDir));
    removeFolder(userDataDir);
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new HeadlessError(`headless: ${executablePath} does not start: ${text.trim()}`, { cause });
  }
}

/**
 * The environment of a browser that keeps its temporary files in its profile, so that those of one that was killed go with it;
 * where that is too long a path for its socket, they stay where the system wants them.
 */
function withTemporary(userDataDir: string): NodeJS.ProcessEnv {
  const fits = userDataDir.length + SOCKET_PATH <= LONGEST_SOCKET_PATH;
  return fits ? { ...process.env, TMPDIR: userDataDir } : process.env;
}

/** The folder beside the profile, or in it, that a browser keeps a socket in, and leaves behind when it is killed. */
function socketFolder(userDataDir: string): string | undefined {
  try {
    const folder = dirname(readlinkSync(join(userDataDir, "SingletonSocket")));
    return /^(org\.chromium|com\.google)\.Chrom/.test(basename(folder)) ? folder : undefined;
  } catch {
    return undefined; // this browser keeps none
  }
}

function removeFolder(folder: string | undefined): void {
  try {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch {
    // a file that stays in the system's temporary folder is no reason to fail a run
  }
}

function ownBrowser(browser: Browser, folders: readonly (string | undefined)[]): OwnBrowser {
  const atExit = () => {
    killGroup(browser);
    folders.forEach(removeFolder);
  };
  process.on("exit", atExit);
  const close = async (): Promise<void> => {
    const child = browser.process();
    const ended = child && child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, MILLISECONDS_TO_CLOSE);
    });
    await Promise.race([browser.close().catch(() => undefined), late]);
    clearTimeout(timer);
    killGroup(browser);
    await ended;
    process.off("exit", atExit);
    folders.forEach(removeFolder);
  };
  return { browser, close };
}

/** Kills the browser with its renderers: Puppeteer starts it as the leader of a process group. */
function killGroup(browser: Browser): void {
  const pid = browser.process()?.pid;
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // it has ended by itself, with all its children
  }
}
