import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TorchletError } from "../../src/core/errors.ts";
import { HELP, TRAIN_HELP } from "../../src/cli/help.ts";
import { parseCommand, type TrainOptions, UsageError } from "../../src/cli/options.ts";

const NOW = new Date(2025, 0, 31, 14, 5, 9);

function train(...args: string[]): TrainOptions {
  const command = parseCommand(["train", ...args], NOW);
  if (command.name !== "train") throw new TypeError(`expected train, got ${command.name}`);
  return command.options;
}

/** The usage error that `args` cause. */
function refusal(...args: string[]): UsageError {
  try {
    parseCommand(args, NOW);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new TypeError(`${args.join(" ")} was accepted`);
}

const options = suite("options");

options("trains the reference job unless told otherwise", () => {
  assert.equal(train(), {
    data: "datasets",
    dropout: 0.5,
    epochs: 10,
    batchSize: 200,
    lr: 0.001,
    seed: 0,
    device: "cpu",
    headless: false,
    saveBest: false,
    earlyStopping: false,
    patience: 10,
    out: "runs/2025-01-31T14-05-09",
    json: false,
  });
});

options("reads every option", () => {
  const text =
    "--data d --dropout .25 --epochs 3 --batch-size=64 --lr 1e-2 --seed 7 --device auto --headless --save-best " +
    "--early-stopping --patience 2 --out o --json";
  assert.equal(train(...text.split(" ")), {
    data: "d",
    dropout: 0.25,
    epochs: 3,
    batchSize: 64,
    lr: 0.01,
    seed: 7,
    device: "auto",
    headless: true,
    saveBest: true,
    earlyStopping: true,
    patience: 2,
    out: "o",
    json: true,
  });
});

options("takes the devices by name", () => {
  for (const name of ["auto", "cpu", "webgpu"]) assert.is(train("--device", name).device, name);
});

options("takes the ends of the ranges, and the last of an option given twice", () => {
  assert.is(train("--dropout", "0").dropout, 0);
  assert.is(train("--dropout", "1").dropout, 1);
  assert.is(train("--seed", "9007199254740991").seed, Number.MAX_SAFE_INTEGER);
  assert.is(train("--epochs", "1", "--epochs", "2").epochs, 2);
});

options("asks for help and version", () => {
  assert.is(parseCommand(["--help"]).name, "help");
  assert.is(parseCommand(["-h"]).name, "help");
  assert.is(parseCommand(["--version"]).name, "version");
  assert.is(parseCommand(["train", "--epochs", "3", "--help"]).name, "trainHelp");
});

for (const [line, sentence] of [
  ["", "torchlet: expected the command train, got nothing; see torchlet --help"],
  ["tain", 'torchlet: expected the command train, got "tain"; see torchlet --help'],
  ["train --epoch 3", "there is no option --epoch"],
  ["train -x", "there is no option -x"],
  ["train --threads 2", "there is no option --threads"],
  ["train --constructor 2", "there is no option --constructor"],
  ["train 3", 'no argument "3" was expected'],
  ["train --epochs", "--epochs expects a value, got nothing"],
  ["train --data --json", "--data expects a value, got the option --json"],
  ["train --json=1", '--json takes no value, got "1"'],
  ["train --data=", "--data expects the path of a folder, got an empty text"],
  ["train --dropout 1.01", '--dropout expects a number from 0 to 1, got "1.01"'],
  ["train --dropout -0.1", '--dropout expects a number from 0 to 1, got "-0.1"'],
  ["train --dropout half", '--dropout expects a number from 0 to 1, got "half"'],
  ["train --dropout=", '--dropout expects a number from 0 to 1, got ""'],
  ["train --lr -1", '--lr expects a number of at least 0, got "-1"'],
  ["train --lr Infinity", '--lr expects a number of at least 0, got "Infinity"'],
  ["train --lr 1e999", '--lr expects a number of at least 0, got "1e999"'],
  ["train --epochs 0", '--epochs expects a whole number from 1 to 9007199254740991, got "0"'],
  ["train --epochs 2.5", '--epochs expects a whole number from 1 to 9007199254740991, got "2.5"'],
  ["train --batch-size -4", '--batch-size expects a whole number from 1 to 9007199254740991, got "-4"'],
  ["train --batch-size 0x10", '--batch-size expects a whole number from 1 to 9007199254740991, got "0x10"'],
  ["train --patience 0", '--patience expects a whole number from 1 to 9007199254740991, got "0"'],
  ["train --seed 9007199254740992", '--seed expects a whole number from 0 to 9007199254740991, got "9007199254740992"'],
  ["train --headless=yes", '--headless takes no value, got "yes"'],
  ["train --device gpu", '--device expects auto, cpu or webgpu, got "gpu"'],
] as const) {
  options(`refuses "torchlet ${line}"`, () => {
    const error = refusal(...line.split(" ").filter((part) => part !== ""));
    assert.is(error.exitCode, 2);
    assert.is(error.name, "UsageError");
    assert.instance(error, TorchletError);
    assert.match(error.message, sentence);
    if (line.startsWith("train ")) assert.match(error.message, /^torchlet train: .*; see torchlet train --help$/);
  });
}

options("helps in at most 80 columns, with every option and its default", () => {
  for (const line of `${HELP}${TRAIN_HELP}`.split("\n")) assert.ok(line.length <= 80, line);
  const named = [...TRAIN_HELP.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map((match) => match[1]);
  const words =
    "data dropout epochs batch-size lr seed device headless save-best early-stopping patience out json help";
  assert.equal(named, words.split(" "));
  for (const preset of [train().data, train().dropout, train().epochs, train().batchSize, train().lr, train().device]) {
    assert.match(TRAIN_HELP, `(${preset})`);
  }
});

options("gives examples in its help that it understands", () => {
  const examples = [...TRAIN_HELP.matchAll(/^ {2}torchlet (train.*)$/gm)].map((match) => (match[1] ?? "").split(" "));
  assert.is(examples.length, 5);
  for (const example of examples) assert.is(parseCommand(example).name, "train");
});

options.run();
