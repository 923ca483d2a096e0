// Opens a fixture's page in Chromium and reads what it shows, with everything it complains of.
import { openPage } from "../chromium.mjs";
import { serve } from "../server.mjs";

const SECONDS_TO_SHOW = 90;
/** `/` of the repository's server: with these headers a page may share memory with its workers. */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

let opened;

/** One Chromium for all fixtures, started when the first page asks for it. */
const browserOfAll = () => {
  opened ??= openPage([], (SECONDS_TO_SHOW + 30) * 1000);
  return opened.then(({ browser }) => browser);
};

/** Ends the browser, if one was started. */
export async function closeBrowser() {
  const last = opened;
  opened = undefined;
  (await last?.catch(() => undefined))?.close();
}

/** Notes what a page must not do: complain, fail, break its policy, or ask anyone but its own server. */
async function listen(page, origin, complaints) {
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) complaints.push(`console.${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`not caught: ${error.message ?? error}`));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
      complaints.push(`asked ${request.url()}`);
  });
  await page.exposeFunction("noteViolation", (text) => complaints.push(`policy: ${text}`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      globalThis.noteViolation(`${violatedDirective} ${blockedURI}`),
    );
  });
}

/** Waits until the page's `<output>` holds text, or something has gone wrong for good. */
async function shown(page, complaints) {
  // while a page loads anew there is nothing to ask
  const text = () => page.evaluate(() => document.querySelector("output")?.textContent ?? "").catch(() => "");
  for (const end = Date.now() + SECONDS_TO_SHOW * 1000; Date.now() < end; ) {
    const found = await text();
    if (found) return found;
    if (complaints.some((each) => each.startsWith("not caught"))) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the page shows nothing: ${complaints.join("; ") || `not in ${SECONDS_TO_SHOW} s`}`);
}

/**
 * Opens a page in a profile of its own, and hands it over while it is open.
 *
 * @param url where it is served
 * @param use called with `{ page, text, complaints }` once the page shows a text
 * @returns what `use` returns
 */
export async function withPage(url, use) {
  const context = await (await browserOfAll()).createBrowserContext();
  const complaints = [];
  try {
    const page = await context.newPage();
    await listen(page, new URL(url).origin, complaints);
    await page.goto(url);
    return await use({ page, text: await shown(page, complaints), complaints });
  } finally {
    await context.close();
  }
}

/**
 * Serves a folder and opens its page.
 *
 * @param options `headers` of every answer; `allow`, a pattern for complaints that are part of the test
 * @returns the JSON that the page shows, and the complaints
 * @throws Error where it complains of anything else
 */
export async function readPage(folder, page = "/", { headers = {}, allow = /(?!)/ } = {}) {
  const server = await serve(folder, { headers, isolated: false });
  try {
    return await withPage(`${server.url}${page}`, ({ text, complaints }) => {
      const wrong = complaints.filter((each) => !allow.test(each));
      if (wrong.length > 0) throw new Error(`the page complains: ${wrong.join("; ")}`);
      return { report: JSON.parse(text), complaints };
    });
  } finally {
    server.close();
  }
}
