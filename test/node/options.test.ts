import { availableParallelism } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TorchletError } from "../../src/core/errors.ts";
import { COMMAND_NAMES, COMMANDS, type CommandSpec } from "../../src/cli/commands.ts";
import { commandHelp, mainHelp } from "../../src/cli/help.ts";
import { type Command, parseCommand, type TrainOptions } from "../../src/cli/options.ts";
import { screenOf } from "../../src/cli/screen.ts";
import { UsageError } from "../../src/cli/usageError.ts";

const NOW = new Date(2025, 0, 31, 14, 5, 9);

function train(...args: string[]): TrainOptions {
  const command = parseCommand(["train", ...args], NOW);
  if (command.name !== "train") throw new TypeError(`expected train, got ${command.name}`);
  return command.options;
}

/** What a line of arguments asks for. */
const parse = (line: string): Command => parseCommand(line.split(" "), NOW);

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
    threads: Math.min(availableParallelism(), 2),
    headless: false,
    saveBest: false,
    earlyStopping: false,
    patience: 10,
    out: "runs/2025-01-31T14-05-09",
    json: false,
    resume: false,
  });
});

options("reads every option", () => {
  const text =
    "--data d --dropout .25 --epochs 3 --batch-size=64 --lr 1e-2 --seed 7 --device auto --threads 3 --headless --save-best " +
    "--early-stopping --patience 2 --out o --json --resume";
  assert.equal(train(...text.split(" ")), {
    data: "d",
    dropout: 0.25,
    epochs: 3,
    batchSize: 64,
    lr: 0.01,
    seed: 7,
    device: "auto",
    threads: 3,
    headless: true,
    saveBest: true,
    earlyStopping: true,
    patience: 2,
    out: "o",
    json: true,
    resume: true,
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
  for (const line of ["--help", "-h", "help"]) assert.equal(parse(line), { name: "help", of: undefined });
  for (const line of ["--version", "-v"]) assert.is(parse(line).name, "version");
  assert.equal(parse("train --epochs 3 --help"), { name: "help", of: "train" });
  for (const name of COMMAND_NAMES)
    for (const line of [`${name} --help`, `${name} -h`, `help ${name}`])
      assert.equal(parse(line), { name: "help", of: name });
});

options("summary is of the reference model at the reference batch, or of a file", () => {
  const reference = { model: undefined, json: false, dropout: 0.5, inputSize: [200, 1, 28, 28] };
  assert.equal(parse("summary"), { name: "summary", options: reference });
  const inputSize = (line: string) => {
    const command = parse(line);
    return command.name === "summary" && command.options.model === undefined ? command.options.inputSize : undefined;
  };
  assert.equal(inputSize("summary --batch-size 3"), [3, 1, 28, 28]);
  assert.equal(inputSize("summary --input-size 7,784"), [7, 784]);
  assert.equal(inputSize("summary --input-size 7,784 --batch-size 7"), [7, 784]);
  assert.equal(parse("summary --model m --json"), { name: "summary", options: { model: "m", json: true } });
});

options("a GPU takes one thread of the CPU unless more are asked for", () => {
  for (const line of ["train --device webgpu", "eval --model m --device webgpu"]) {
    const threads = (typed: string) => (parse(typed) as { options: { threads: number } }).options.threads;
    assert.equal([threads(line), threads(`${line} --threads 2`), threads(`${line} --threads=3`)], [1, 2, 3]);
  }
});

options("eval and doctor have the data folder, batch size and device of train", () => {
  const { data, batchSize, device, threads } = train();
  const given = { model: "m", data, dataset: "test", batchSize, device, threads, json: false };
  assert.equal(parse("eval --model m"), { name: "eval", options: given });
  assert.equal(parse("eval --model m --data d --dataset train --batch-size 5 --device auto --threads 2 --json"), {
    name: "eval",
    options: { model: "m", data: "d", dataset: "train", batchSize: 5, device: "auto", threads: 2, json: true },
  });
  assert.equal(parse("doctor"), { name: "doctor", options: { data, json: false } });
  assert.equal(parse("doctor --data d --json"), { name: "doctor", options: { data: "d", json: true } });
});

for (const [line, sentence] of [
  ["", "torchlet: expected the command train, eval, summary or doctor, got nothing; see torchlet --help"],
  ["tain", 'got "tain" (did you mean train?); see torchlet --help'],
  ["evaluate", 'or doctor, got "evaluate"'],
  ["--epochs 3", 'or doctor, got "--epochs"'],
  ["help tran", 'got "tran" (did you mean train?); see torchlet --help'],
  ["train --epoch 3", "there is no option --epoch (did you mean --epochs?)"],
  ["train --dropuot 3", "there is no option --dropuot (did you mean --dropout?)"],
  ["train --batchSize 3", "there is no option --batchSize (did you mean --batch-size?)"],
  ["train --batch_size=3", "there is no option --batch_size (did you mean --batch-size?)"],
  ["train -help", "there is no option -e;"],
  ["train --model m", "there is no option --model;"],
  ["eval", "torchlet eval: expected the weights as --model FILE, got nothing; see torchlet eval --help"],
  ["eval --model=", "--model expects the path of a file, got an empty text"],
  ["eval --model m --dataset val", '--dataset expects test or train, got "val"'],
  ["eval --model m --lr 1", "there is no option --lr;"],
  [
    "summary --input-size 1,x",
    '--input-size expects two or more whole numbers from 1 on with commas between them, as 200,1,28,28, got "1,x"',
  ],
  ["summary --input-size 0,784", "expects two or more whole numbers from 1 on"],
  ["summary --input-size 784", "expects two or more whole numbers"],
  ["summary --input-size=", "expects two or more whole numbers from 1 on"],
  ["summary --input-size 5,784 --batch-size 6", "--batch-size says 6 images, but --input-size 5"],
  ["summary --model m --dropout 0.1", "--dropout is for the dropout model; a file given by --model"],
  ["doctor now", 'no argument "now" was expected'],
  ["train -x", "there is no option -x"],
  ["train --resumed", "there is no option --resumed (did you mean --resume?)"],
  ["train --threads 65", '--threads expects a whole number from 1 to 64, got "65"'],
  ["eval --model m --threads 0", '--threads expects a whole number from 1 to 64, got "0"'],
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
    assert.ok(error.message.includes(sentence), error.message);
    if (line.startsWith("train ")) assert.match(error.message, /^torchlet train: .*; see torchlet train --help$/);
  });
}

const wide = (columns: number) => screenOf({ isTTY: true, columns }, { NO_COLOR: "1" });
const helps = (columns: number) => [
  mainHelp(wide(columns)),
  ...COMMAND_NAMES.map((name) => commandHelp(name, wide(columns))),
];

options("helps in the columns that there are", () => {
  for (const columns of [40, 50, 59, 60, 80, 100])
    for (const text of helps(columns))
      for (const line of text.split("\n")) assert.ok(line.length <= columns, `${columns}: ${line}`);
});

options("tells every option with its range and default, at any width", () => {
  const specs: readonly CommandSpec[] = Object.values(COMMANDS);
  specs.forEach(({ options: table }, i) => {
    const [narrow = "", normal = ""] = [helps(40)[i + 1], helps(80)[i + 1]];
    const named = [...normal.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map((match) => match[1]);
    assert.equal(named, [...Object.values(table).map(({ name }) => name), "help"]);
    for (const { notes } of Object.values(table))
      for (const text of [narrow, normal])
        assert.ok(
          notes.every((note) => text.replace(/\s+/g, " ").includes(note)),
          String(notes),
        );
  });
  const { epochs, dropout, lr, device, data } = train();
  for (const preset of [epochs, dropout, lr, device, data])
    assert.match(commandHelp("train", wide(80)), `default ${preset})`);
});

options("lists every command with one line", () => {
  for (const name of COMMAND_NAMES) {
    assert.match(mainHelp(wide(80)), new RegExp(`^  ${name} +${COMMANDS[name].purpose}$`, "m"));
    assert.match(commandHelp(name, wide(80)), new RegExp(`^Usage: torchlet ${name} .*\\[options\\]$`, "m"));
  }
});

options("gives examples in its help that it understands", () => {
  for (const name of COMMAND_NAMES) {
    const text = commandHelp(name, wide(100));
    const examples = [...text.matchAll(/^ {2}torchlet (.*)$/gm)].map((match) => match[1] ?? "");
    assert.ok(examples.length >= 3, name);
    for (const example of examples) assert.is(parse(example).name, name);
  }
});

options.run();
