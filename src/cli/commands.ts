import { availableParallelism } from "node:os";
import { choice, file, flag, folder, integer, number, type Option, type OptionTable, sizes } from "./option.ts";
import { MAX_THREADS } from "../init/init.ts";
import type { DoctorOptions, EvalOptions, TrainOptions } from "./options.ts";

/** A command as its help tells of it. */
export interface CommandSpec {
  /** One line for the list of commands. */
  readonly purpose: string;
  /** What it does and prints. */
  readonly about: string;
  readonly options: OptionTable;
  /** Command lines without `torchlet`, each with what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** What its exit codes mean. */
  readonly exitCodes: string;
}

/** A command with an option for each value. */
interface Spec<Values> extends CommandSpec {
  readonly options: { readonly [Key in keyof Values]: Option<Values[Key]> };
}

/** Values of which some may have been left out. */
type Open<Values, Key extends keyof Values> = Omit<Values, Key> & {
  readonly [Name in Key]: Values[Name] | undefined;
};

/** What `torchlet summary` takes, before it is clear what is summarised. */
export interface SummaryValues {
  readonly model: string | undefined;
  readonly dropout: number;
  readonly batchSize: number;
  readonly inputSize: readonly number[] | undefined;
  readonly json: boolean;
}

/** The commands by name. */
export interface Commands {
  readonly train: Spec<Open<TrainOptions, "data" | "out">>;
  readonly eval: Spec<Open<EvalOptions, "data" | "model">>;
  readonly summary: Spec<SummaryValues>;
  readonly doctor: Spec<Open<DoctorOptions, "data">>;
}

export type CommandName = keyof Commands;

const EXIT_CODES = "0 done, 1 failed, 2 wrong usage, 130 interrupted";
const DEVICES = ["auto", "cpu", "webgpu"] as const;
const DATASETS = ["test", "train"] as const;

const data = folder("data", "folder with the MNIST files", { shown: "datasets" });
const batchSize = integer("batch-size", "N", "images per step", { preset: 200, least: 1 });
const device = choice(
  "device",
  "NAME",
  "auto, cpu or webgpu; auto is the faster one, cpu prints the same numbers anywhere",
  DEVICES,
  "cpu",
);
/** The reference job's batches are worth the hand-over to a second thread; more than two were measured nowhere. */
const MOST_BY_DEFAULT = 2;
const threads = integer("threads", "N", "threads of the CPU that compute; the numbers stay the same", {
  preset: Math.min(availableParallelism(), MOST_BY_DEFAULT),
  shown: "2 on two cores",
  least: 1,
  most: MAX_THREADS,
});
const dropout = number("dropout", "P", "probability of a zero", { preset: 0.5, most: 1 });

const train: Commands["train"] = {
  purpose: "train the dropout model on MNIST",
  about:
    "Trains the dropout model (784-256-256-128-128-10, Adam) on MNIST and prints its summary, one line per epoch and the " +
    "time. Metrics, report and weights go into the folder given by --out.",
  options: {
    data,
    dropout,
    epochs: integer("epochs", "N", "passes over the training images", { preset: 10, least: 1 }),
    batchSize,
    lr: number("lr", "X", "Adam's learning rate", { preset: 1e-3 }),
    seed: integer("seed", "N", "seed of every random draw", { preset: 0, least: 0 }),
    device,
    threads,
    headless: flag("headless", "train in headless Chrome, by Puppeteer"),
    saveBest: flag("save-best", "also keep the weights of the lowest validation loss"),
    earlyStopping: flag("early-stopping", "stop when the validation loss no longer improves"),
    patience: integer("patience", "N", "epochs without improvement that --early-stopping allows", {
      preset: 10,
      least: 1,
    }),
    out: folder("out", "folder for what the run writes", { shown: "runs/<time>" }),
    resume: flag("resume", "go on with the run in --out, else with the newest in runs"),
    json: flag("json", "print one JSON object per line instead of text"),
  },
  examples: [
    ["train", "the whole job: ten epochs"],
    ["train --epochs 3 --dropout 0.2 --seed 1", "a shorter one"],
    ["train --epochs 50 --early-stopping --patience 5 --save-best", "until it no longer improves"],
    ["train --data ~/mnist --out runs/first --json", "for another program to read"],
    ["train --resume --out runs/first --epochs 20", "go on with a run"],
    ["train --headless --device webgpu", "on the GPU, in headless Chrome"],
  ],
  exitCodes: `${EXIT_CODES} (weights and checkpoint are saved first)`,
};

const summary: Commands["summary"] = {
  purpose: "print the model's layers, or what a safetensors file holds",
  about:
    "Prints torchinfo's table of the dropout model that train trains: layers, output shapes, parameters, sizes. With " +
    "--model it lists the tensors of a safetensors file instead, of any model; only the file's header is read.",
  options: {
    model: file("model", "a safetensors file to list"),
    dropout,
    batchSize: integer("batch-size", "N", "images in a batch, the first of the sizes", { preset: 200, least: 1 }),
    inputSize: sizes("input-size", "SIZES", "shape of a batch; 784 values per image", { shown: "200,1,28,28" }),
    json: flag("json", "print one JSON object instead of a table"),
  },
  examples: [
    ["summary", "the dropout model"],
    ["summary --input-size 64,784", "for a batch of another shape"],
    ["summary --model runs/first/last.safetensors", "the tensors of a file"],
    ["summary --model model.safetensors --json", "for another program to read"],
  ],
  exitCodes: "0 done, 1 failed, 2 wrong usage",
};

const evaluate: Commands["eval"] = {
  purpose: "measure saved weights on MNIST: loss, accuracy, confusions",
  about:
    "Loads weights into the dropout model and prints its loss and accuracy on MNIST's test images, as train does after an " +
    "epoch, and which digits are taken for which. The file may come from train or from PyTorch.",
  options: {
    model: file("model", "the weights, a safetensors file; must be given"),
    data,
    dataset: choice("dataset", "NAME", "test or train: the images to look at", DATASETS, "test"),
    batchSize,
    device,
    threads,
    json: flag("json", "print one JSON object instead of text"),
  },
  examples: [
    ["eval --model runs/first/last.safetensors", "the weights of a run"],
    ["eval --model model.safetensors --dataset train", "on the training images"],
    ["eval --model model.safetensors --data ~/mnist --json", "for another program to read"],
  ],
  exitCodes: EXIT_CODES,
};

const doctor: Commands["doctor"] = {
  purpose: "tell what works here, and what to install",
  about:
    "Looks at everything that torchlet can use here: the CPU's kernels, WebGPU, Chrome for --headless, the optional " +
    "packages, the data. It computes on each device, starts Chrome once, and says what to install for what is missing.",
  options: {
    data,
    json: flag("json", "print one JSON object instead of text"),
  },
  examples: [
    ["doctor", "look at everything"],
    ["doctor --data ~/mnist", "with the data in another folder"],
    ["doctor --json", "for another program, or a bug report"],
  ],
  exitCodes: "0 the CPU path works, 1 nothing can compute, 2 wrong usage",
};

/** The commands, by name, in the order of the help. */
export const COMMANDS: Commands = { train, eval: evaluate, summary, doctor };

/** Their names, in that order. */
export const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS) as CommandName[];
