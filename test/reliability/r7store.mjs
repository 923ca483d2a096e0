// R7, the store by itself: power lost at every call of the file system, full and closed places, pages that end while they save.
import { build } from "esbuild";
import { path } from "../../scripts/setup.mjs";
import { tryErrors, tryLosses, tryTwoWriters } from "./support/storeCrash.mjs";
import { tryFullDisks } from "./support/storeFull.mjs";
import { tryPages } from "./support/storePages.mjs";
import { tally } from "./support/tally.mjs";

export const title =
  "What is saved is the old or the new, whole, and never older than acknowledged: power lost at every system call, full disks, pages closed or crashed while they save.";

const BUNDLE = "build/test/reliability-store.mjs";

/** The store as a module of its own, which Node and pages import. */
async function bundleStore() {
  await build({ entryPoints: [path("src/io/store.ts")], bundle: true, format: "esm", outfile: path(BUNDLE) });
}

/** What is kept outlives a loss of power, a full disk, and the end of a page. */
export async function row({ cut }) {
  await bundleStore();
  const t = tally();
  const [store, reader] = await Promise.all(["writer", "reader"].map((who) => import(`${path(BUNDLE)}?${who}`)));
  const calls = await tryLosses(t, store, reader);
  await tryErrors(t, store);
  await tryTwoWriters(t, store, reader);
  const skipped = await tryFullDisks(t, store, path(BUNDLE));
  const pages = await tryPages(t, BUNDLE, cut ? 1 : 10);
  const note = `${calls} crash points, ${pages} pages ended while saving${skipped === "" ? "" : `; skipped: ${skipped}`}`;
  return t.result(note);
}
