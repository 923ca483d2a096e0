import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { EpochInfo } from "../train/fit.ts";
import { type BrowserWish, openBrowser } from "./browser.ts";
import { HeadlessError } from "./headlessError.ts";
import { PageRun } from "./pageRun.ts";
import type { HeadlessDevice, HeadlessStep } from "./protocol.ts";
import { BLANK_PATH, DATA_PATH, type Server, serve } from "./server.ts";

/** What `trainHeadless` takes. */
export interface HeadlessOptions {
  /**
   * The page that trains: an http(s) URL; or a file, `.html`, or `.js` / `.mjs` for an ES module that runs in an empty page.
   * A file's folder is served with it, on 127.0.0.1 and cross-origin isolated. The page calls `headlessRun` (HeadlessPage).
   */
  page: string | URL;
  /** What the job reads as `run.args`; goes over as JSON. */
  args?: unknown;
  /**
   * What the job is to take, as `run.device`; `"auto"` by default. Chrome offers its pages a hardware GPU, or none; only
   * `"webgpu"` makes it offer a software one (SwiftShader) where there is no hardware, with a warning.
   */
  device?: HeadlessDevice;
  /** A folder of data that the page may read, or a URL; the job gets its URL as `run.data`. */
  data?: string;
  /** Called with every epoch's numbers (accuracies 0 to 1, seconds); the page waits for a promise it returns. */
  onEpoch?: (info: EpochInfo) => void | Promise<void>;
  /** Called with where training stands, at most ten times a second, and at the end of an epoch. */
  onStep?: (step: HeadlessStep) => void;
  /** Called with every file that the page hands over; the page waits for a promise it returns. */
  onFile?: (name: string, bytes: Uint8Array) => void | Promise<void>;
  /** Called with every other value that the page posts; the page waits for a promise it returns. */
  onMessage?: (value: unknown) => void | Promise<void>;
  /** Called with what the page writes to its console, and errors that nobody caught there. */
  onConsole?: (text: string) => void;
  /** Called with one sentence for people; `console.error` by default. */
  onWarning?: (sentence: string) => void;
  /**
   * Aborts the job's `run.signal`; the job then ends as it sees fit and still hands over files. Before it has begun the
   * run ends at once, and a job that goes on for 30 seconds is cut off: both reject with the signal's reason.
   */
  signal?: AbortSignal;
  /** Epoch lines and the seconds on the console, and a bar where it is a terminal; true by default. */
  progress?: boolean;
  /** More flags for Chrome, as `--no-sandbox`, which is given only to root. */
  browserFlags?: readonly string[];
}

/** What a run brought back. */
export interface HeadlessResult<Result = unknown> {
  /** What the job returned, as JSON carries it, NaN and infinities included. */
  readonly result: Result;
  /** The files it handed over, by name; of several with one name the last. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Where the page is, and what must be served for it. */
interface Place {
  readonly root: string | undefined;
  readonly origin: string | undefined;
  readonly url: (server: Server) => string;
}

/**
 * Runs a page's training job in headless Chrome and waits for its end. When it returns or throws, the browser has gone,
 * with all its processes and its profile.
 *
 * @param options the page, and what to do with what it tells
 * @returns what the job returned, and its files
 * @throws HeadlessError if Puppeteer or a browser is missing, the page does not load, does not call `headlessRun`, or crashes
 * @throws what the job threw: torchlet's and the language's own errors as they are, any other as a HeadlessError
 * @throws the signal's reason, where it is aborted
 */
export async function trainHeadless<Result = unknown>(options: HeadlessOptions): Promise<HeadlessResult<Result>> {
  const { device = "auto", signal, browserFlags = [] } = options;
  const onWarning = options.onWarning ?? ((sentence: string) => console.error(`torchlet: ${sentence}`));
  signal?.throwIfAborted();
  const place = placeOf(options.page);
  const remote = options.data !== undefined && /^https?:/.test(options.data);
  const folder = remote ? undefined : options.data && resolve(options.data);
  const server = await serve({ root: place.root, origin: place.origin, data: folder });
  try {
    const wish: BrowserWish = { device, blankUrl: server.url + BLANK_PATH, flags: browserFlags, onWarning, signal };
    const own = await openBrowser(wish);
    try {
      signal?.throwIfAborted();
      const data = remote ? options.data : options.data && server.url + DATA_PATH;
      const run = new PageRun<Result>(options, { args: options.args, device, data });
      return await run.run(own.browser, place.url(server));
    } finally {
      await own.close();
    }
  } finally {
    server.close();
  }
}

/** @throws HeadlessError if the page is neither a web address nor a file that is there */
function placeOf(page: string | URL): Place {
  const text = String(page);
  if (/^https?:/.test(text)) return { root: undefined, origin: new URL(text).origin, url: () => text };
  const file = resolve(text.startsWith("file:") ? fileURLToPath(text) : text);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new HeadlessError(`trainHeadless: page is to be a URL or a file, and there is no file ${file}`);
  const path = `/${encodeURIComponent(basename(file))}`;
  const root = dirname(file);
  if (/\.m?js$/.test(file)) return { root, origin: undefined, url: ({ url }) => `${url}${BLANK_PATH}?${path}` };
  if (/\.html?$/.test(file)) return { root, origin: undefined, url: ({ url }) => `${url}${path}` };
  throw new HeadlessError(`trainHeadless: page is to be .html, .js or .mjs, got ${file}`);
}
