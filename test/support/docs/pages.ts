import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, launch, type Page } from "puppeteer";
import { type Block, matches, placeOf } from "./blocks.ts";

const FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"];
const SECONDS = 60;

const script = <T>(name: string): Promise<T> => import(pathToFileURL(resolve("scripts", name)).href) as Promise<T>;

/** What a page writes to its console until it is what the page of the guide shows, or until nothing more can come. */
function consoleOf(page: Page, shown: string): Promise<string> {
  return new Promise((settle, reject) => {
    let printed = "";
    const timer = setTimeout(() => settle(printed), SECONDS * 1000);
    const end = (work: () => void) => {
      clearTimeout(timer);
      work();
    };
    page.on("console", (message) => {
      if (message.text().startsWith("Failed to load resource")) return; // the browser's own note: no icon, no such file
      printed += `${message.text()}\n`;
      if (matches(shown, printed)) end(() => settle(printed));
    });
    page.on("pageerror", (error) => end(() => reject(error)));
    page.on("error", (error) => end(() => reject(error)));
  });
}

async function openBrowser(profile: string): Promise<Browser> {
  const { findChromium } = await script<{ findChromium(): string }>("chromium.mjs");
  return launch({ executablePath: findChromium(), userDataDir: profile, args: FLAGS, pipe: true });
}

/** Serves the folder, opens the `html` block in Chromium, and waits until its console shows what the page shows. */
export async function openInBrowser(folder: string, block: Block): Promise<void> {
  const { expected } = block;
  if (expected === undefined)
    throw new SyntaxError(`${placeOf(block)}: a text block must follow that shows the page's console`);
  const { serve } = await script<{ serve(root: string): Promise<{ url: string; close(): void }> }>("server.mjs");
  const name = block.settings["file"] ?? "index.html";
  writeFileSync(join(folder, name), block.code);
  const server = await serve(folder);
  const profile = mkdtempSync(join(folder, "profile-"));
  const browser = await openBrowser(profile).catch((error: unknown) => {
    server.close();
    throw error;
  });
  try {
    const page = await browser.newPage();
    const printed = consoleOf(page, expected.code);
    const [text] = await Promise.all([printed, page.goto(`${server.url}/${name}`)]);
    if (!matches(expected.code, text))
      throw new RangeError(`${placeOf(expected)}: the page shows\n${expected.code}\nbut its console:\n${text}`);
  } finally {
    await browser.close();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
