import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeMnist } from "../support/mnistFiles.ts";
import { runProcess } from "../support/process.ts";

const bun = suite("the package in Bun");

async function findBun(): Promise<string> {
  const script: { findBun(): string } = await import(pathToFileURL(resolve("scripts/bun.mjs")).href);
  return script.findBun();
}

/** Runs two epochs by the command of the built package and returns what it left, but for the seconds. */
async function train(engine: string, folder: string) {
  const out = join(folder, "out");
  const options = ["--data", folder, "--out", out, "--epochs", "2", "--batch-size", "50", "--save-best"];
  const { code, stdout, stderr } = await runProcess(engine, ["build/cli.js", "train", ...options]);
  assert.is(code, 0, `${engine}: ${stderr}`);
  const file = (name: string) => readFileSync(join(out, name));
  const metrics = file("metrics.jsonl")
    .toString()
    .replaceAll(/"seconds":[\d.]+/g, "");
  const weights = [file("last.safetensors"), file("best.safetensors")].map((bytes) => bytes.toString("base64"));
  rmSync(out, { recursive: true });
  return { stdout: stdout.replace(/[\d.]+ seconds/, ""), metrics, weights };
}

bun("trains by the command as Node does: the same lines, metrics and weights, bit for bit", async () => {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-"));
  try {
    writeMnist(folder, 450, 90);
    const expected = await train(process.execPath, folder);
    assert.match(expected.stdout, /^Epoch\[2\/2\] - Train loss: \d/m);
    assert.equal(await train(await findBun(), folder), expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

bun.run();
