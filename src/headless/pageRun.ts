import type { Browser, HTTPRequest, Page } from "puppeteer";
import { FitDisplay } from "../train/fitDisplay.ts";
import type { EpochInfo } from "../train/fit.ts";
import { epochLine } from "../train/epochLine.ts";
import { HeadlessError } from "./headlessError.ts";
import { installHeadlessRun, type PageGlobals, type PageSettings, REPORT_NAME } from "./pageClient.ts";
import { errorOf } from "./pageErrors.ts";
import { type HeadlessStep, type PageMessage, readMessage } from "./protocol.ts";
import type { HeadlessOptions, HeadlessResult } from "./trainHeadless.ts";

/** How long a page may take until it calls `headlessRun`: a page that never will is not waited for. */
const SECONDS_TO_BEGIN = 60;
/** How long a job may go on after its signal: a step, an evaluation's batch and the files, many times over. */
const SECONDS_TO_ABORT = 30;

/** One run of one page: takes the page's messages, and knows when and how it ends. */
export class PageRun<Result> {
  readonly #options: HeadlessOptions;
  readonly #settings: PageSettings;
  readonly #files = new Map<string, Uint8Array>();
  /** What has come of files, by transfer: a page may hand over several at once. */
  readonly #parts = new Map<number, Buffer[]>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The length that the bar is drawn for. */
  readonly #batches: { length: number | undefined } = { length: undefined };
  #display: FitDisplay | undefined;
  #begun = false;
  #resolve: (result: HeadlessResult<Result>) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: HeadlessOptions, settings: PageSettings) {
    this.#options = options;
    this.#settings = settings;
  }

  /** Opens the page and waits for its job. */
  async run(browser: Browser, url: string): Promise<HeadlessResult<Result>> {
    const ended = new Promise<HeadlessResult<Result>>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    ended.catch(() => undefined); // it may fail before it is waited for
    const { signal } = this.#options;
    const page = await browser.newPage();
    const onAbort = () => this.#abort(page);
    signal?.addEventListener("abort", onAbort);
    try {
      await this.#listen(browser, page, url);
      this.#after(SECONDS_TO_BEGIN, () => {
        if (!this.#begun) this.#fail(`the page ${url} did not call headlessRun within ${SECONDS_TO_BEGIN} s`);
      });
      if (signal?.aborted) onAbort();
      page.goto(url, { waitUntil: "domcontentloaded", timeout: 0 }).then(
        (response) => {
          if (response && !response.ok()) this.#fail(`the page ${url} answers ${response.status()}`);
        },
        (error: unknown) => this.#fail(`the page ${url} does not open: ${textOf(error)}`),
      );
      return await ended;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      for (const timer of this.#timers) clearTimeout(timer);
      this.#display?.clear();
    }
  }

  async #listen(browser: Browser, page: Page, url: string): Promise<void> {
    browser.on("disconnected", () => this.#fail("the browser has ended before the job did"));
    page.on("error", (error) => this.#fail(`the page has crashed: ${error.message}`));
    page.on("pageerror", (error) => {
      // Before the job it is a script that does not load; later the page may know better than we whether it matters.
      if (this.#begun) this.#options.onConsole?.(textOf(error));
      else this.#fail(`the page's script failed: ${textOf(error)}`);
    });
    page.on("console", (message) => this.#options.onConsole?.(message.text()));
    page.on("requestfailed", (request) => this.#missing(request, url));
    page.on("response", (response) => {
      if (!response.ok()) this.#missing(response.request(), url);
    });
    await page.exposeFunction(REPORT_NAME, (text: string) => this.#take(readMessage(text)));
    await page.evaluateOnNewDocument(installHeadlessRun, this.#settings);
  }

  /** A script that is not there raises no error in the page. Those of other sites may be missing. */
  #missing(request: HTTPRequest, url: string): void {
    const own = request.resourceType() === "script" && new URL(request.url()).origin === new URL(url).origin;
    if (own && !this.#begun) this.#fail(`the page's script ${request.url()} does not load`);
  }

  async #take(message: PageMessage): Promise<void> {
    try {
      await this.#handle(message);
    } catch (error) {
      this.#reject(error); // of a callback of ours: it is what the run fails with
      throw error;
    }
  }

  #handle(message: PageMessage): void | Promise<void> {
    if (message.type === "begin") return this.#begin();
    if (message.type === "step") return this.#step(message.info);
    if (message.type === "epoch") return this.#epoch(message.info);
    if (message.type === "file") return this.#part(message);
    if (message.type === "post") return this.#options.onMessage?.(message.value);
    if (message.type === "failed") return this.#reject(errorOf(message.error, this.#settings.data, this.#options.data));
    const { result } = message;
    if (hasSeconds(result)) this.#show(0).line(`${result.seconds.toFixed(2)} seconds`);
    this.#resolve({ result: result as Result, files: this.#files });
  }

  #begin(): void {
    if (this.#begun) this.#fail("the page was loaded again while its job was under way");
    this.#begun = true;
  }

  #step(info: HeadlessStep): void {
    this.#batches.length = info.steps;
    if (info.epochs !== undefined) this.#show(info.epochs).step(info.epoch, info);
    else this.#display?.step(info.epoch, info);
    this.#options.onStep?.(info);
  }

  #show(epochs: number): FitDisplay {
    this.#display ??= new FitDisplay(this.#options.progress ?? true, this.#batches, epochs);
    return this.#display;
  }

  async #epoch(info: EpochInfo): Promise<void> {
    this.#show(info.epochs).line(epochLine(info.epoch, info.epochs, info));
    await this.#options.onEpoch?.(info);
  }

  async #part({ transfer, name, part, last }: PageMessage & { readonly type: "file" }): Promise<void> {
    const parts = this.#parts.get(transfer) ?? [];
    this.#parts.set(transfer, parts);
    parts.push(Buffer.from(part, "base64"));
    if (!last) return;
    this.#parts.delete(transfer);
    const bytes = new Uint8Array(Buffer.concat(parts));
    this.#files.set(name, bytes);
    await this.#options.onFile?.(name, bytes);
  }

  #fail(sentence: string): void {
    this.#reject(new HeadlessError(`headless: ${sentence}`));
  }

  #abort(page: Page): void {
    const { signal } = this.#options;
    if (!this.#begun) this.#reject(signal?.reason);
    this.#after(SECONDS_TO_ABORT, () => this.#reject(signal?.reason));
    page.evaluate(() => (globalThis as unknown as PageGlobals).torchletAbort()).catch(() => undefined);
  }

  #after(seconds: number, callback: () => void): void {
    this.#timers.add(setTimeout(callback, seconds * 1000));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hasSeconds(result: unknown): result is { readonly seconds: number } {
  return typeof result === "object" && result !== null && "seconds" in result && typeof result.seconds === "number";
}
