import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeMnist } from "../support/mnistFiles.ts";
import { type Ended, runProcess } from "../support/process.ts";
import { torchlet } from "../support/torchlet.ts";

interface Files {
  folder: string;
}

const cli = suite<Files>("torchlet train --resume");

cli.before((files) => {
  files.folder = mkdtempSync(join(tmpdir(), "torchlet-"));
  writeMnist(files.folder, 450, 90);
});
cli.after(({ folder }) => rmSync(folder, { recursive: true }));

const EPOCHS = "6";
const OPTIONS = ["--batch-size", "50", "--epochs", EPOCHS, "--save-best", "--seed", "4"];

/** Interrupts a run when it has printed its second epoch line, or an earlier word. */
function interrupted(folder: string, out: string, word: string, ...args: string[]): Promise<Ended> {
  let sent = false;
  const line = ["build/cli.js", "train", "--data", folder, "--out", out, ...args];
  return runProcess(process.execPath, line, (output, kill) => {
    if (sent || !output.includes(word)) return;
    sent = true;
    kill("SIGINT");
  });
}

/** The epochs of a run's metrics, and its last line's status. */
const metrics = (out: string): unknown[] =>
  readFileSync(join(out, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { epoch?: number; status?: string })
    .map(({ epoch, status }) => epoch ?? status);

/** The metrics without the times. */
const numbers = (out: string): string =>
  readFileSync(join(out, "metrics.jsonl"), "utf8").replace(/"seconds":[\d.e+-]+/g, "");

cli("an interrupted run tells how to go on, and then ends in the same files", async ({ folder }) => {
  const [whole, cut] = [join(folder, "whole"), join(folder, "cut")];
  assert.is((await torchlet("train", "--data", folder, "--out", whole, ...OPTIONS)).code, 0);
  const first = await interrupted(folder, cut, "Epoch[2/", ...OPTIONS);
  assert.is(first.code, 130);
  assert.match(first.stdout, /Go on with: torchlet train --resume --out \S+cut\n/);
  const { code, stdout, stderr } = await torchlet("train", "--resume", "--out", cut);
  assert.is(code, 0, stderr);
  assert.match(stdout, /Training goes on after step \d+ of epoch \d/);
  for (const name of ["last.safetensors", "best.safetensors"])
    assert.ok(readFileSync(join(cut, name)).equals(readFileSync(join(whole, name))), name);
  assert.equal(metrics(cut), [1, 2, 3, 4, 5, 6, "completed"]);
  assert.is(numbers(cut), numbers(whole));
  assert.equal(readdirSync(cut).sort(), readdirSync(whole).sort());
});

cli("a run may go on for more epochs; metrics of epochs that come again are not there twice", async ({ folder }) => {
  const [whole, longer] = [join(folder, "eight"), join(folder, "longer")];
  const train = (out: string, epochs: string, ...args: string[]) =>
    torchlet("train", "--data", folder, "--out", out, "--batch-size", "50", "--epochs", epochs, ...args);
  await train(whole, "3");
  await train(longer, "2");
  // As of a run that was killed between its metrics and its checkpoint.
  const file = join(longer, "metrics.jsonl");
  writeFileSync(file, `${readFileSync(file, "utf8")}{"epoch":3,"trainLoss":9}\n{"epoch":`);
  const { code, stderr } = await torchlet("train", "--resume", "--out", longer, "--epochs", "3");
  assert.is(code, 0, stderr);
  assert.is(numbers(longer), numbers(whole));
  assert.ok(readFileSync(join(longer, "last.safetensors")).equals(readFileSync(join(whole, "last.safetensors"))));
});

cli("options that contradict the run are refused, and so is a folder without one", async ({ folder }) => {
  const out = join(folder, "contradicted");
  await torchlet("train", "--data", folder, "--out", out, "--epochs", "2");
  const refused = async (...args: string[]) => {
    const { code, stderr } = await torchlet("train", "--resume", "--out", out, ...args);
    assert.is(code, 2);
    return stderr;
  };
  assert.match(
    await refused("--dropout", "0.2"),
    /--dropout 0\.2 contradicts the run in \S+, which has 0\.5; leave it out/,
  );
  assert.match(await refused("--early-stopping"), /--early-stopping contradicts/);
  assert.match(await refused("--epochs", "1"), /--epochs 1 is less than the 2/);
  const none = await torchlet("train", "--resume", "--out", join(folder, "nowhere"));
  assert.is(none.code, 1);
  assert.match(none.stderr, /nowhere.checkpoint\.safetensors, so no run to resume/);
  writeFileSync(join(out, "checkpoint.safetensors"), "not one");
  const broken = await torchlet("train", "--resume", "--out", out);
  assert.is(broken.code, 1);
  assert.match(broken.stderr, /safetensors/);
});

cli.run();
