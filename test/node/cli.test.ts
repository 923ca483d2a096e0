import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "../../src/io/safetensors.ts";
import { idxFile, writeMnist } from "../support/mnistFiles.ts";
import { type Ended, runProcess } from "../support/process.ts";
import { onTerminal, torchlet, widthOf } from "../support/torchlet.ts";

interface Files {
  folder: string;
  data: string;
}

const cli = suite<Files>("torchlet train");

cli.before((files) => {
  files.folder = mkdtempSync(join(tmpdir(), "torchlet-"));
  files.data = files.folder;
  writeMnist(files.data, 450, 90);
});
cli.after(({ folder }) => rmSync(folder, { recursive: true }));

const train = ({ data }: Files, out: string, ...args: string[]): Promise<Ended> =>
  torchlet("train", "--data", data, "--out", out, "--batch-size", "50", ...args);
const lines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

cli("prints the summary and the epoch lines, and writes metrics, report and weights", async (files) => {
  const out = join(files.folder, "plain");
  const { code, stdout, stderr } = await train(files, out, "--epochs", "2", "--save-best");
  assert.is(code, 0, stderr);
  assert.match(stdout, /Total params: 317,450/);
  assert.match(stdout, /^Epoch\[2\/2\] - Train loss: \d/m);
  assert.not.ok(stdout.includes("\u001b") || stdout.includes("\r"), "no terminal codes where stdout is no terminal");
  const metrics = lines(join(out, "metrics.jsonl"));
  assert.equal(Object.keys(metrics[0] ?? {}), [
    "epoch",
    "trainLoss",
    "trainAccuracy",
    "valLoss",
    "valAccuracy",
    "seconds",
  ]);
  assert.equal(
    metrics.map(({ epoch }) => epoch),
    [1, 2, undefined],
  );
  assert.is(metrics[2]?.status, "completed");
  assert.equal(Object.keys(metrics[2] ?? {}), ["status", "seconds", "device"]);
  assert.is(metrics[2]?.device, "cpu");
  const report = readFileSync(join(out, "report.html"), "utf8");
  assert.match(report, /<svg/);
  assert.not.match(report, /<script|https?:\/\/(?!www\.w3\.org)/);
  const { tensors } = parse(new Uint8Array(readFileSync(join(out, "last.safetensors"))));
  const layers = ["b1", "b2", "b3", "b4", "output"];
  assert.equal(
    [...tensors.keys()].sort(),
    layers.flatMap((name) => [`${name}.0.bias`, `${name}.0.weight`]),
  );
  assert.is(parse(new Uint8Array(readFileSync(join(out, "best.safetensors")))).tensors.size, 10);
  assert.equal(tensors.get("output.0.weight")?.shape, [10, 128]);
  assert.equal(readdirSync(out).sort(), [
    "best.safetensors",
    "checkpoint.safetensors",
    "last.safetensors",
    "metrics.jsonl",
    "report.html",
  ]);
});

cli("the same seed writes the same weights, another seed others", async (files) => {
  const weights = async (name: string, seed: string) => {
    await train(files, join(files.folder, name), "--epochs", "1", "--seed", seed);
    return readFileSync(join(files.folder, name, "last.safetensors")).toString("base64");
  };
  const first = await weights("a", "3");
  assert.is(await weights("b", "3"), first);
  assert.is.not(await weights("c", "4"), first);
});

cli("--json prints nothing but JSON lines", async (files) => {
  const { stdout } = await train(files, join(files.folder, "json"), "--epochs", "1", "--json");
  const printed = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    printed.map(({ epoch, status }) => epoch ?? status),
    [1, "completed"],
  );
});

cli("early stopping ends a run that does not improve", async (files) => {
  const out = join(files.folder, "stopped");
  const { code } = await train(files, out, "--epochs", "9", "--lr", "0", "--early-stopping", "--patience", "2");
  assert.is(code, 0);
  const metrics = lines(join(out, "metrics.jsonl"));
  // A loss that never changes is lowest in the first epoch; two more are the patience.
  assert.equal(
    metrics.map(({ epoch, status }) => epoch ?? status),
    [1, 2, 3, "stopped"],
  );
});

cli("an interrupted run says so and leaves its weights", async (files) => {
  const out = join(files.folder, "aborted");
  let sent = false;
  const args = ["build/cli.js", "train", "--data", files.data, "--out", out, "--epochs", "100000"];
  const { code } = await runProcess(process.execPath, args, (output, kill) => {
    if (!sent && output.includes("Epoch[2/")) {
      sent = true;
      kill("SIGINT");
    }
  });
  assert.is(code, 130);
  assert.is(lines(join(out, "metrics.jsonl")).at(-1)?.status, "aborted");
  assert.is(parse(new Uint8Array(readFileSync(join(out, "last.safetensors")))).tensors.size, 10);
});

cli("a terminal shows a bar in colours, and none where NO_COLOR is set", async ({ data, folder }) => {
  const args = ["train", "--data", data, "--out", join(folder, "terminal"), "--epochs", "1"];
  const coloured = await onTerminal(80, [], ...args);
  assert.is(coloured.code, 0, coloured.stderr);
  assert.ok(coloured.stdout.includes("\u001b[36m") && coloured.stdout.includes("images/s"));
  const plain = await onTerminal(80, ["NO_COLOR=1"], ...args);
  assert.ok(plain.stdout.includes("\r") && plain.stdout.includes("Epoch 1/1"));
  assert.not.ok(plain.stdout.includes("\u001b[36m") || plain.stdout.includes("\u001b[2m"));
});

cli("a missing data folder is named, with the way out, and no file is written", async ({ folder }) => {
  const out = join(folder, "no data", "run");
  const { code, stdout, stderr } = await torchlet("train", "--data", join(folder, "nowhere"), "--out", out);
  assert.is(code, 1);
  assert.is(stdout, "");
  assert.not.ok(existsSync(join(folder, "no data")), "no empty folder either");
  assert.match(stderr, /nowhere\/MNIST\/raw\/train-images-idx3-ubyte.*four IDX files/s);
});

cli("files that do not belong together are refused", async ({ folder, data }) => {
  const other = mkdtempSync(join(folder, "other-"));
  for (const name of readdirSync(data).filter((each) => each.endsWith("ubyte")))
    writeFileSync(join(other, name), readFileSync(join(data, name)));
  writeFileSync(
    join(other, "train-labels-idx1-ubyte"),
    idxFile([449], () => 1),
  );
  const differ = await torchlet("train", "--data", other, "--out", join(folder, "x"));
  assert.is(differ.code, 1);
  assert.match(differ.stderr, /450 images but 449 labels/);
  writeFileSync(
    join(other, "train-labels-idx1-ubyte"),
    idxFile([450], (i) => (i === 7 ? 10 : 1)),
  );
  assert.match((await torchlet("train", "--data", other, "--out", join(folder, "x"))).stderr, /label 10 of sample 7/);
  writeFileSync(join(other, "train-images-idx3-ubyte"), Buffer.from("not an IDX file"));
  assert.match(
    (await torchlet("train", "--data", other, "--out", join(folder, "x"))).stderr,
    /train-images-idx3-ubyte/,
  );
});

cli("an unwritable --out fails before training starts", async (files) => {
  writeFileSync(join(files.folder, "file"), "");
  const { code, stdout, stderr } = await train(files, join(files.folder, "file", "out"));
  assert.is(code, 1);
  assert.match(stderr, /cannot write/);
  assert.is(stdout, "");
});

cli("wrong usage exits with 2 and a sentence", async ({ folder }) => {
  for (const [args, text] of [
    [["train", "--dropout", "1.5"], /--dropout.*1\.5/],
    [["train", "--nonsense"], /--nonsense/],
    [["walk"], /walk/],
    [["train", "--epochs", "0"], /--epochs/],
    [["train", "--device", "gpu"], /--device.*"gpu"/],
  ] as const) {
    const out = join(folder, "usage");
    const { code, stdout, stderr } = await torchlet(...args, "--out", out);
    assert.is(code, 2);
    assert.match(stderr, text);
    assert.is(stdout, "");
    assert.not.ok(existsSync(out));
  }
});

cli("the sentence of wrong usage names the command once, what may have been meant, and the help", async () => {
  const { stderr } = await torchlet("train", "--epoch", "3");
  assert.is(stderr, "torchlet train: there is no option --epoch (did you mean --epochs?); see torchlet train --help\n");
  assert.match((await torchlet("trian")).stderr, /^torchlet: expected the command .*did you mean train\?\)/);
});

cli("a failure is the last JSON line of --json, and a sentence on stderr", async (files) => {
  for (const [args, code, name] of [
    [["--data", join(files.folder, "nowhere")], 1, "DataError"],
    [["--dropout", "2"], 2, "UsageError"],
  ] as const) {
    const ended = await train(files, join(files.folder, "failed"), ...args, "--json");
    assert.is(ended.code, code);
    const { status, error } = JSON.parse(ended.stdout) as { status: string; error: { name: string; message: string } };
    assert.equal([status, error.name], ["failed", name]);
    assert.ok(ended.stderr.includes(error.message), ended.stderr);
  }
});

cli("without a command the help goes to stderr; asked for, it goes to stdout", async () => {
  const none = await torchlet();
  assert.equal([none.code, none.stdout], [2, ""]);
  const asked = await torchlet("--help");
  assert.equal([asked.code, asked.stderr], [0, ""]);
  assert.is(none.stderr, asked.stdout);
  for (const name of ["train", "summary", "eval", "doctor"]) {
    const [long, word] = [await torchlet(name, "--help"), await torchlet("help", name)];
    assert.equal([long.code, long.stdout], [0, word.stdout]);
    assert.match(long.stdout, `Usage: torchlet ${name} `);
  }
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  assert.is((await torchlet("--version")).stdout, `${version}\n`);
});

cli("a narrow terminal gets the summary in its columns", async ({ data, folder }) => {
  const args = ["--data", data, "--out", join(folder, "narrow"), "--epochs", "1"];
  const { stdout } = await onTerminal(50, ["NO_COLOR=1"], "train", ...args);
  const table = stdout.slice(0, stdout.indexOf("Epoch"));
  assert.match(table, /Total params: 317,450/);
  assert.ok(widthOf(table) <= 50);
});

/** The text of the model's class, without the types that declarations ask for. */
const modelOf = (file: string): string => {
  const [, text = ""] = /class DropoutModel extends nn\.Module \{(.*?)\n\}/s.exec(readFileSync(file, "utf8")) ?? [];
  return text
    .replace(/ {2}static override .*\n/, "")
    .replace("(x: Tensor): Tensor", "(x: Tensor)")
    .replaceAll(": nn.Sequential;", ";")
    .replace(/\s+/g, " ");
};

cli("the model is the example's, line for line", () => {
  assert.ok(modelOf("examples/mnist.ts").includes("new nn.Linear(784, 256)"));
  assert.is(modelOf("src/cli/dropoutModel.ts"), modelOf("examples/mnist.ts"));
});

cli.run();
