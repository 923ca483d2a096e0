import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DemoPage, demoScript, openChromium, serverScript } from "../support/demoPage.ts";
import { runProcess } from "../support/process.ts";

const command = suite("npm run demo");

command("serves the page until it is told to end, with isolation and a strict policy", async () => {
  let asked: Promise<Response> | undefined;
  const { stdout, code } = await runProcess(process.execPath, ["scripts/demo.mjs", "--port", "0"], (output, kill) => {
    const [url] = /http:\S+/.exec(output) ?? [];
    if (!url || asked) return;
    asked = fetch(url);
    asked.finally(() => kill("SIGINT"));
  });
  const response = await asked;
  assert.is(response?.status, 200, stdout);
  assert.is(response?.headers.get("cross-origin-opener-policy"), "same-origin");
  assert.match(
    String(response?.headers.get("content-security-policy")),
    /default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
  );
  assert.is(code, null); // ended by the signal
});

command("says what is wrong with an option or a port that is taken", async () => {
  const wrong = await runProcess(process.execPath, ["scripts/demo.mjs", "--port", "many"]);
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /--port must be an integer from 0 to 65535, got "many"/);
  const other = createServer();
  await new Promise<void>((ready) => other.listen(0, "127.0.0.1", ready));
  try {
    const { port } = other.address() as AddressInfo;
    const taken = await runProcess(process.execPath, ["scripts/demo.mjs", "--port", String(port)]);
    assert.is(taken.code, 1);
    assert.match(taken.stderr, new RegExp(`port ${port} is taken; name another by --port`));
  } finally {
    other.close();
  }
});

command("a page without data, or without its worker, says so in a sentence", async () => {
  const empty = mkdtempSync(join(tmpdir(), "torchlet-demo-"));
  const { browser, close } = await openChromium(false);
  const noData = await (await demoScript()).serveDemo({ data: empty });
  cpSync("build/demo", empty, { recursive: true });
  rmSync(join(empty, "train.worker.js"));
  const noWorker = await (await serverScript()).serve(empty);
  try {
    for (const [site, reason] of [
      [noData, /^no MNIST\/raw\/\w+-images-idx3-ubyte: looked at http.* four IDX files/],
      [noWorker, /^trainInWorker: the worker did not load/],
    ] as const) {
      const tab = await DemoPage.open(browser, site.url);
      await tab.reach("failed");
      assert.match(await tab.text("#status"), reason);
      assert.is(await tab.text("#go"), "Try again");
      await tab.page.close();
    }
  } finally {
    await close();
    noData.close();
    noWorker.close();
    rmSync(empty, { recursive: true });
  }
});

command.run();
