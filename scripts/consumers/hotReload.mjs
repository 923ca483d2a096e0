// A page on Vite's dev server whose code is edited while its worker trains.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withPage } from "./pages.mjs";
import { start } from "./workshop.mjs";

const EDITS = 3;
const SECONDS = { server: 60, update: 60 };
const POLL_MS = 100;

async function within(seconds, what, look) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** Starts the fixture's dev server. @returns its URL, and `stop()` */
async function startVite({ folder, PATH }) {
  const { child, stop } = start("vite", ["--host", "127.0.0.1"], { cwd: folder, env: { PATH } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output += text;
    });
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  try {
    const url = await within(SECONDS.server, "vite", () => {
      if (ended()) throw new Error(`vite has ended: ${output}`);
      return /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
    });
    return { url, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Vite finds what a worker imports only when it runs, bundles that, and loads the page anew: once, on the very first visit. */
async function visitFirst(url, folder) {
  const bundled = join(folder, "node_modules/.vite/deps/_metadata.json");
  await withPage(url, () =>
    within(SECONDS.update, "the worker's imports", () =>
      existsSync(bundled) && readFileSync(bundled, "utf8").includes("torchlet/train") ? true : undefined,
    ),
  );
}

/** Edits a file three times; each time the page must train with the new code, in one worker, without having been loaded anew. */
export async function hotReload(app) {
  const vite = await startVite(app);
  try {
    await visitFirst(vite.url, app.folder);
    return await withPage(vite.url, async ({ page, complaints }) => {
      await page.evaluate(() => {
        globalThis.isTheSamePage = true;
      });
      for (let version = 1; version <= EDITS; version++) {
        writeFileSync(join(app.folder, "settings.js"), `export const version = ${version};\n`);
        await within(SECONDS.update, `version ${version}`, async () => {
          const text = await page.evaluate(() => document.querySelector("output").textContent);
          return text.includes(`"version":${version},`) ? text : undefined;
        });
        const alive = () => (page.workers().length === 1 ? true : undefined);
        await within(SECONDS.update, `one worker after ${version} edits`, alive);
      }
      if (!(await page.evaluate(() => globalThis.isTheSamePage))) throw new Error("the page was loaded anew");
      if (complaints.length > 0) throw new Error(`the page complains: ${complaints.join("; ")}`);
      return `${EDITS} edits, 1 worker alive after each`;
    });
  } finally {
    vite.stop();
  }
}
