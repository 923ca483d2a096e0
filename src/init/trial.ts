import type { Backend, Block } from "../backend/backend.ts";
import type { ArrayClass, TypedArray } from "../core/dtype.ts";
import type { Kernel } from "../core/kernel.ts";

/** Sizes of the network that a trial trains for one step: one hidden layer. */
export interface TrialSizes {
  readonly rows: number;
  readonly ins: number;
  readonly hidden: number;
  readonly classes: number;
}

/** One kernel of a trial, its buffers by name. */
export interface TrialCommand {
  readonly kernel: Kernel;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly params: readonly number[];
}

/** A training step by kernels alone: forward with ReLU and dropout, loss, backward, Adam. No buffer is written twice. */
export interface Trial {
  readonly buffers: ReadonlyMap<string, TypedArray>;
  readonly commands: readonly TrialCommand[];
}

/** Threshold and scale for p = 0.3, offset and seed, each in two halves. */
const DROPOUT = [Math.floor(0.7 * 2 ** 24 + 0.5), Math.fround(1 / Math.fround(0.7)), 3, 1, 5, 7] as const;
/** beta1, beta2, 1 - beta1, 1 - beta2, step size, square root of the second bias, eps, weight decay, maximize. */
const ADAM = [0.9, 0.999, 0.1, 0.001, 0.01, 0.0316, 1e-8, 0.01, 0] as const;

/** Values in [-scale, scale), the same everywhere. */
function noise(n: number, seed: number, scale: number): Float32Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

/** The step for a network of these sizes, with made-up images, labels and weights. */
export function trialOf(kernels: readonly Kernel[], { rows, ins, hidden, classes }: TrialSizes): Trial {
  const weights = ins * hidden;
  const zeros = (n: number) => new Float32Array(n);
  const buffers = new Map<string, TypedArray>([
    ["images", Uint8Array.from(noise(2 * rows * ins, 1, 1), (value) => (value < 0 ? 0 : value * 255))],
    ["indices", Int32Array.from({ length: rows }, (_, i) => (i * 7 + 3) % (2 * rows))],
    ["labels", Int32Array.from({ length: rows }, (_, i) => (i * 5) % classes)],
    ["w1", noise(weights, 2, 0.1)],
    ["b1", noise(hidden, 3, 0.1)],
    ["w2", noise(hidden * classes, 4, 0.3)],
    ["b2", noise(classes, 5, 0.1)],
    ["one", Float32Array.of(1)],
    ["fault", new Int32Array(3)],
    ["m", noise(weights, 6, 0.1)],
    ["v", noise(weights, 7, 0.1).map((value) => value * value)],
    ["x", zeros(rows * ins)],
    ["h", zeros(rows * hidden)],
    ["logits", zeros(rows * classes)],
    ["z", zeros(rows * classes)],
    ["losses", zeros(rows)],
    ["logSum", zeros(rows)],
    ["picked", zeros(rows)],
    ["loss", zeros(2)],
    ["dz2", zeros(rows * classes)],
    ["dw2", zeros(hidden * classes)],
    ["db2", zeros(classes)],
    ["dh", zeros(rows * hidden)],
    ["dz1", zeros(rows * hidden)],
    ["dw1", zeros(weights)],
    ["db1", zeros(hidden)],
    ["columns", zeros(hidden)],
    ["total", zeros(rows)],
  ]);
  return { buffers, commands: commandsOf(kernels, { rows, ins, hidden, classes }) };
}

function commandsOf(kernels: readonly Kernel[], { rows, ins, hidden, classes }: TrialSizes): TrialCommand[] {
  const command = (name: string, reads: string, writes: string, ...params: number[]): TrialCommand => ({
    kernel: kernels.find((each) => each.name === name) as Kernel,
    reads: reads.split(" "),
    writes: writes.split(" "),
    params,
  });
  const scores = [rows, classes, 1, -100, 0, 0];
  return [
    command("gatherBytes", "images indices", "x", rows, ins),
    command("linear", "x w1 b1", "h", rows, ins, hidden, 1, 1, 1, ...DROPOUT),
    command("linear", "h w2 b2", "logits", rows, hidden, classes, 1, 0, 0, ...DROPOUT),
    command("dropout", "logits", "z", rows * classes, ...DROPOUT),
    command("crossEntropy", "z labels z", "losses logSum picked fault", ...scores),
    command("reduceLoss", "losses picked", "loss", rows, 1),
    command("crossEntropyBackward", "z labels z logSum loss one", "dz2", ...scores, 0),
    command("linearGradient", "dz2 h", "dw2 db2", rows, hidden, classes),
    command("matmul", "dz2 w2", "dh", 1, rows, hidden, classes, 0, classes, 1, 0, hidden, 1),
    command("linearBackward", "h dh", "dz1", rows * hidden, DROPOUT[1]),
    command("linearGradient", "dz1 x", "dw1 db1", rows, ins, hidden),
    command("sum", "dz1", "columns", 1, rows, hidden),
    command("sum", "x", "total", rows, ins, 1),
    command("adam", "dw1", "w1 m v", ins * hidden, ...ADAM),
  ];
}

/** A trial's buffers on a device, on which the step can be run over and over. */
export class RunningTrial {
  readonly #backend: Backend;
  readonly #trial: Trial;
  readonly #blocks = new Map<string, Block>();

  constructor(backend: Backend, trial: Trial) {
    this.#backend = backend;
    this.#trial = trial;
    for (const [name, data] of trial.buffers) {
      const block = backend.allocate(data.byteLength);
      this.#blocks.set(name, block);
      backend.write(block, 0, data);
    }
  }

  /** Queues one step. */
  step(): void {
    for (const { kernel, reads, writes, params } of this.#trial.commands)
      this.#backend.run(
        kernel,
        [...reads, ...writes].map((name) => this.#block(name)),
        params,
      );
  }

  /** The elements of a buffer. */
  async read(name: string): Promise<TypedArray> {
    const like = this.#trial.buffers.get(name) as TypedArray;
    return await this.#backend.read(this.#block(name), 0, like.length, like.constructor as ArrayClass);
  }

  dispose(): void {
    for (const block of this.#blocks.values()) this.#backend.free(block);
  }

  #block(name: string): Block {
    return this.#blocks.get(name) as Block;
  }
}
