// `node digits.js FOLDER` writes MNIST's four files with a few images each: a bar whose height is the label.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { gzipSync } from "node:zlib";

const PIXELS = 28 * 28;

function idx(dims, value) {
  const header = Buffer.from([0, 0, 8, dims.length, ...dims.flatMap((size) => [0, 0, size >> 8, size & 255])]);
  const n = dims.reduce((product, size) => product * size, 1);
  return Buffer.concat([header, Uint8Array.from({ length: n }, (_, i) => value(i))]);
}

const label = (i) => i % 10;
const pixel = (i) => (Math.floor((i % PIXELS) / 79) === label(Math.floor(i / PIXELS)) ? 200 : 0);

const folder = argv[2] ?? "data";
mkdirSync(folder, { recursive: true });
for (const [part, n] of [
  ["train", 200],
  ["t10k", 50],
]) {
  writeFileSync(join(folder, `${part}-images-idx3-ubyte.gz`), gzipSync(idx([n, 28, 28], pixel)));
  writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([n], label));
}
