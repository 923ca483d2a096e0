import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HeadlessError, type HeadlessOptions, trainHeadless } from "../../src/headless/index.ts";
import { FormatError } from "../../src/core/errors.ts";

interface Files {
  folder: string;
}

const page = suite<Files>("trainHeadless with a page of one's own");

page.before((files) => {
  files.folder = mkdtempSync(join(tmpdir(), "torchlet-test-"));
});
page.after(({ folder }) => rmSync(folder, { recursive: true }));

const INFO = { epoch: 1, epochs: 2, seconds: 0.5, trainLoss: 0.1, trainAccuracy: 0.2, valLoss: 0.3, valAccuracy: 0.4 };

/** Runs a module that is `source`, without printing. */
function runModule({ folder }: Files, source: string, options: Omit<HeadlessOptions, "page"> = {}) {
  const file = join(folder, "page.mjs");
  writeFileSync(file, source);
  return trainHeadless({ device: "cpu", progress: false, ...options, page: file });
}

const runJob = (files: Files, body: string, options?: Omit<HeadlessOptions, "page">) =>
  runModule(files, `await headlessRun(async (run) => { ${body} })`, options);

async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new TypeError("the run was expected to fail with an error");
}

page("a module gets its arguments and is isolated; result, messages and epochs come back exactly", async (files) => {
  const epochs: unknown[] = [];
  const messages: unknown[] = [];
  const { result } = await runJob(
    files,
    `await run.onEpoch({ ...${JSON.stringify(INFO)}, valLoss: NaN, trainLoss: 0.1 + 0.2, more: 1 });
     await run.post({ limits: [Infinity, -Infinity] });
     return { args: run.args, device: run.device, data: typeof run.data, isolated: crossOriginIsolated };`,
    {
      args: { rate: 0.25, names: ["a"] },
      onEpoch: (info) => void epochs.push(info),
      onMessage: (value) => void messages.push(value),
    },
  );
  assert.equal(result, { args: { rate: 0.25, names: ["a"] }, device: "cpu", data: "undefined", isolated: true });
  assert.equal(epochs, [{ ...INFO, valLoss: Number.NaN, trainLoss: 0.1 + 0.2 }]);
  assert.equal(messages, [{ limits: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] }]);
});

page("files come back byte for byte, empty ones and ones of several parts too", async (files) => {
  const names: string[] = [];
  const { files: found } = await runJob(
    files,
    `await run.saveFile("empty", new Uint8Array(0));
     await run.saveFile("big", Uint8Array.from({ length: 7e6 }, (_, i) => (i * i) % 251));`,
    { onFile: (name) => void names.push(name) },
  );
  assert.equal(names, ["empty", "big"]);
  assert.is(found.get("empty")?.length, 0);
  const big = found.get("big");
  assert.is(big?.length, 7e6);
  assert.ok(big?.every((value, i) => value === (i * i) % 251));
});

page("files that are handed over at once do not mix", async (files) => {
  const { files: found } = await runJob(
    files,
    `await Promise.all(["a", "b", "a"].map((name, k) => run.saveFile(name, new Uint8Array(3e6 + k).fill(k))));`,
  );
  assert.is(found.get("a")?.length, 3e6 + 2);
  assert.is(found.get("b")?.length, 3e6 + 1);
  assert.ok(found.get("a")?.every((value) => value === 2));
  assert.ok(found.get("b")?.every((value) => value === 1));
});

page("an HTML page finds the files beside it, and the data folder", async (files) => {
  const site = join(files.folder, "site");
  mkdirSync(join(files.folder, "my data"));
  mkdirSync(site);
  writeFileSync(join(files.folder, "my data", "a b.txt"), "numbers");
  writeFileSync(join(site, "part.js"), "export const read = async (url) => (await fetch(url)).text();");
  writeFileSync(
    join(site, "index.html"),
    `<!doctype html><script type="module">
       import { read } from "./part.js";
       headlessRun(async ({ data }) => [await read(data + "/a b.txt"), await read(data + "/../../../../etc/passwd")]);
     </script>`,
  );
  const { result } = await trainHeadless({
    page: join(site, "index.html"),
    data: join(files.folder, "my data"),
    device: "cpu",
  });
  assert.equal(result, ["numbers", "not found"]);
});

page("a page behind a URL may read the data folder", async (files) => {
  writeFileSync(join(files.folder, "shared.txt"), "numbers");
  const script = "headlessRun(async ({ data }) => (await fetch(data + '/shared.txt')).text())";
  const server = createServer((_, response) =>
    response.writeHead(200, { "Content-Type": "text/html" }).end(`<!doctype html><script>${script}</script>`),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  try {
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
    const { result } = await trainHeadless({ page: url, data: files.folder, device: "cpu" });
    assert.is(result, "numbers");
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

page(
  "steps are told by and by, with the samples since the last report, and an epoch's last one at once",
  async (files) => {
    const steps: [step: number, samples: number][] = [];
    await runJob(
      files,
      `for (let step = 1; step <= 1000; step++) run.onStep({ epoch: 1, epochs: 1, step, steps: 1000, samples: 5 });`,
      { onStep: ({ step, samples }) => void steps.push([step, samples]) },
    );
    assert.ok(steps.length >= 2 && steps.length < 50, `${steps.length} reports`);
    assert.equal(steps[0], [1, 5]);
    assert.is(steps.at(-1)?.[0], 1000);
    assert.is(
      steps.reduce((sum, [, samples]) => sum + samples, 0),
      5000,
    );
  },
);

page("an abort reaches the job, which may still hand over files", async (files) => {
  const controller = new AbortController();
  const { result, files: found } = await runJob(
    files,
    `await run.post("ready");
     while (!run.signal.aborted) await new Promise((done) => setTimeout(done, 5));
     await run.saveFile("last", Uint8Array.of(1));
     return "aborted";`,
    { signal: controller.signal, onMessage: () => controller.abort() },
  );
  assert.is(result, "aborted");
  assert.equal(found.get("last"), Uint8Array.of(1));
});

page("a run that is aborted before its job has begun rejects with the signal's reason", async (files) => {
  const reason = new RangeError("enough");
  const signal = AbortSignal.abort(reason);
  assert.is(await failure(runJob(files, "", { signal })), reason);
  const later = new AbortController();
  setTimeout(() => later.abort(reason), 50);
  assert.is(await failure(runJob(files, "", { signal: later.signal })), reason);
});

page("errors of the job keep their class where we know it, and the page's stack", async (files) => {
  const range = await failure(runJob(files, `throw new RangeError("p is 2");`));
  assert.instance(range, RangeError);
  assert.is(range.message, "p is 2");
  assert.match(range.stack ?? "", "page.mjs");
  const format = await failure(
    runJob(files, `throw Object.assign(new Error("bad"), { name: "FormatError", code: "E", offset: 3 });`),
  );
  assert.instance(format, FormatError);
  assert.equal(format instanceof FormatError && [format.code, format.offset], ["E", 3]);
  const other = await failure(runJob(files, `throw new Error("boom");`));
  assert.instance(other, HeadlessError);
  assert.is(other.message, "the page's job failed with Error: boom");
});

page("what a callback throws fails the run", async (files) => {
  const reason = new RangeError("disk full");
  const onFile = () => Promise.reject(reason);
  assert.is(await failure(runJob(files, `await run.saveFile("a", Uint8Array.of(1));`, { onFile })), reason);
});

page("what is no epoch and no file is refused in the page", async (files) => {
  const epoch = await failure(runJob(files, `await run.onEpoch({ epoch: 1 });`));
  assert.instance(epoch, TypeError);
  assert.match(epoch.message, "onEpoch: expected a number as epochs, got undefined");
  const file = await failure(runJob(files, `await run.saveFile("a", "text");`));
  assert.match(file.message, "saveFile: expected a name and a Uint8Array, got string and string");
});

for (const [what, source, sentence] of [
  ["throws at once", "null.x;", /the page's script failed: Cannot read properties of null/],
  ["imports what is not there", `import "./missing.mjs";`, /the page's script .*missing\.mjs does not load/],
  ["is loaded again", "headlessRun(() => { location.reload(); return new Promise(() => {}); })", /loaded again/],
] as const)
  page(`a page that ${what} fails with a sentence`, async (files) => {
    const error = await failure(runModule(files, source));
    assert.instance(error, HeadlessError);
    assert.match(error.message, sentence);
  });

page("a page that is not there is named", async ({ folder }) => {
  const missing = await failure(trainHeadless({ page: join(folder, "missing.html"), device: "cpu" }));
  assert.match(missing.message, /page is to be a URL or a file, and there is no file .*missing\.html/);
  const dead = await failure(trainHeadless({ page: "http://127.0.0.1:9/", device: "cpu" }));
  assert.instance(dead, HeadlessError);
  assert.match(dead.message, /the page http:\/\/127\.0\.0\.1:9\/ does not open: .*ERR_/);
});

page.run();
