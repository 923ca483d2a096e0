// The store in Chromium: pages are closed or crash while they save, in each of the three ways to keep bytes.
import { setTimeout as delay } from "node:timers/promises";
import { openPage } from "../../../scripts/chromium.mjs";

/** What a page can keep bytes by, and what must be taken from it so that it does. */
const WAYS = {
  "files replaced when closed": "",
  "files written in place": "delete FileSystemFileHandle.prototype.createWritable;",
  IndexedDB: 'navigator.storage.getDirectory = () => Promise.reject(new DOMException("no", "SecurityError"));',
};
const ENDS = ["close", "crash"];
/** Words of each save, all of them the save's number: 1 MiB. */
const WORDS = 1 << 18;
/** Milliseconds until a page is ended: somewhere in its saves, of which one takes some 20 to 100. */
const LIFE = [100, 400];
const PATIENCE = 20_000;

/** A worker that saves 1, 2, 3, … from a number on and says each that is acknowledged. */
const saver = (bundle, name, from, preparation) => `
${preparation}
const { openStore } = await import(${JSON.stringify(bundle)});
const store = openStore(${JSON.stringify(name)});
for (let n = ${from}; ; n++) {
  await store.write(new Uint8Array(new Uint32Array(${WORDS}).fill(n).buffer));
  postMessage(n);
}`;

const start = (code) => `(() => {
  const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(code)}], { type: "text/javascript" })), { type: "module" });
  worker.onmessage = ({ data }) => console.log("saved " + data);
  worker.onerror = ({ message }) => console.log("failed " + message);
})()`;

/** The number that is read, or why it is none. */
const look = (bundle, name, preparation) => `(async () => {
  ${preparation}
  const { openStore } = await import(${JSON.stringify(bundle)});
  const bytes = await openStore(${JSON.stringify(name)}).read();
  if (bytes === undefined) return 0;
  const words = new Uint32Array(bytes.buffer);
  return words.length === ${WORDS} && words.every((word) => word === words[0]) ? words[0] : "torn bytes";
})()`;

async function newPage({ browser, url }) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(url);
  return page;
}

/** Opens a page that saves, ends it in the midst, and gives the last number that it acknowledged. */
async function saveUntilEnd(at, code, end) {
  const page = await newPage(at);
  let [acknowledged, failure] = [0, undefined];
  const first = new Promise((resolve) => {
    page.on("console", (message) => {
      const [word, rest] = message.text().split(/ (.*)/s);
      if (word === "saved") acknowledged = Number(rest);
      if (word === "failed") failure = rest;
      resolve();
    });
  });
  await page.evaluate(start(code));
  await Promise.race([first, delay(PATIENCE)]);
  await delay(LIFE[0] + Math.random() * (LIFE[1] - LIFE[0]));
  if (failure !== undefined) throw new RangeError(`a save failed: ${failure}`);
  if (end === "crash") {
    const session = await page.createCDPSession();
    await Promise.race([session.send("Page.crash").catch(() => undefined), delay(2000)]);
  }
  await page.close();
  return acknowledged;
}

async function tryEnd(at, way, end, name, before) {
  const bundle = new URL(at.bundle, at.url).href;
  const preparation = WAYS[way];
  const acknowledged = await saveUntilEnd(at, saver(bundle, name, before + 1, preparation), end);
  const page = await newPage(at);
  try {
    const found = await page.evaluate(look(bundle, name, way === "IndexedDB" ? preparation : ""));
    if (acknowledged === 0) throw new RangeError("the page saved nothing before it ended");
    if (!(found >= acknowledged)) throw new RangeError(`read ${found}, acknowledged ${acknowledged}`);
    return found;
  } finally {
    await page.close();
  }
}

/** A page that has used up its room: told, and the old bytes stay. */
async function tryQuota(at) {
  const page = await newPage(at);
  try {
    const bundle = new URL(at.bundle, at.url).href;
    const session = await page.createCDPSession();
    const origin = new URL(at.url).origin;
    const saved = await page.evaluate(`(async () => {
      globalThis.store = (await import(${JSON.stringify(bundle)})).openStore("quota");
      await store.write(new Uint8Array(1000).fill(1));
      return (await navigator.storage.estimate()).usage;
    })()`);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: saved + 500_000 });
    const said = await page.evaluate(`(async () => {
      const error = await store.write(new Uint8Array(5_000_000)).then(() => "nothing was thrown", (cause) => cause);
      const bytes = await store.read();
      return [error.name, error.message, bytes.length, bytes[0]].join(" ");
    })()`);
    await session.send("Storage.overrideQuotaForOrigin", { origin });
    if (!/^DataError cannot write quota: (QuotaExceededError|AbortError): .*make room on the disk 1000 1$/.test(said))
      throw new RangeError(`it said ${said}`);
  } finally {
    await page.close();
  }
}

/** What lies in the folder of the stores. */
const list = `(async () => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("torchlet");
  return Array.fromAsync(folder.keys());
})()`;

/** Ends so many pages in each way, by each end in turn; gives how many that were. */
export async function tryPages(t, bundle, times) {
  const { browser, page, close } = await openPage([], 60_000);
  const at = { browser, bundle: `/${bundle}`, url: page.url() };
  let ended = 0;
  try {
    for (const way of Object.keys(WAYS)) {
      let found = 0;
      for (let i = 0; i < times; i++) {
        const end = ENDS[ended % ENDS.length];
        found = (await t.try(`${way}: ${end} ${i}`, () => tryEnd(at, way, end, way, found))) ?? found;
        ended++;
      }
    }
    await t.try("a page that has used up its room", () => tryQuota(at));
    await t.try("nothing is left behind", async () => {
      const names = (await page.evaluate(list)).filter((name) => !/\.kept(\.[01])?$/.test(name));
      if (names.length > 0) throw new RangeError(`left behind: ${names}`);
    });
  } finally {
    close();
  }
  return ended;
}
