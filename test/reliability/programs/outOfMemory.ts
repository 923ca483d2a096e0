// Training with attempts between its steps that find no room.
import { defaultDevice } from "../../../src/backend/device.ts";
import { OutOfMemoryError } from "../../../src/core/errors.ts";
import { manualSeed } from "../../../src/core/random/state.ts";
import { ones, tensor } from "../../../src/create.ts";
import { randn } from "../../../src/createRandom.ts";
import { init } from "../../../src/index.ts";
import { serializeState } from "../../../src/io/state.ts";
import * as nn from "../../../src/nn/index.ts";
import { readState } from "../../../src/nn/state.ts";
import { Adam } from "../../../src/optim/index.ts";
import type { Tensor } from "../../../src/tensor.ts";
import { sha256 } from "../../support/sha256.ts";

interface Outcome {
  /** The same training's weights without attempts and with them. */
  readonly weights: readonly [undisturbed: string, disturbed: string];
  /** What each attempt came to: the message of its OutOfMemoryError, or another error, or that there was room. */
  readonly attempts: readonly { readonly what: string; readonly told: string; readonly isRight: boolean }[];
}

const [STEPS, ROWS, INS] = [4, 16, 64];
/** 64 MiB: the least that the package asks an engine for. */
const PAGES = 1024;

/** Lets this engine grant no larger memory, as some do. */
function capMemory(): void {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if ((descriptor.maximum ?? 0) > PAGES) throw new RangeError("no more than 64 MiB here");
      super(descriptor);
    }
  };
}

class Training {
  readonly model = new nn.Sequential(new nn.Linear(INS, 128), new nn.ReLU(), new nn.Linear(128, 5));
  readonly optimizer = new Adam(this.model.parameters());
  readonly lossFn = new nn.CrossEntropyLoss();

  lossOf(x: Tensor, rows: number): Tensor {
    return this.lossFn(this.model(x), tensor(Int32Array.from({ length: rows }, (_, i) => i % 5)));
  }

  async step(x: Tensor, rows = ROWS): Promise<void> {
    const loss = this.lossOf(x, rows);
    this.optimizer.zeroGrad();
    loss.backward();
    await this.optimizer.step();
  }

  async hash(): Promise<string> {
    return sha256(serializeState(await readState(this.model)));
  }
}

/** What asks for more than there is, each in another place: a block, a result, a batch's forward pass, its backward pass. */
const ATTEMPTS: readonly (readonly [what: string, attempt: (training: Training) => unknown])[] = [
  ["a terabyte", () => defaultDevice().backend.allocate(2 ** 40)],
  ["a result of 196 MB", () => ones(7000, 1).matmul(ones(1, 7000))],
  ["a batch of 400,000 rows", (training) => training.lossOf(ones(400_000, INS), 400_000)],
  // Forward fits the memory, what backward needs besides does not.
  ["a step of 40,000 rows", (training) => training.step(ones(40_000, INS), 40_000)],
];

/** On a GPU a step of 40,000 rows has room. */
const attemptsOf = (device: string) => (device === "cpu" ? ATTEMPTS : ATTEMPTS.slice(0, 3));

async function told(work: () => unknown): Promise<{ told: string; isRight: boolean }> {
  try {
    await work();
    return { told: "there was room", isRight: false };
  } catch (error) {
    const message = String(error);
    const isOfGraph = message.includes("budget"); // how much a graph holds nobody has asked for at once
    const saysBytes = isOfGraph || (message.match(/\d{4,}/g)?.length ?? 0) >= 2;
    return { told: message, isRight: error instanceof OutOfMemoryError && saysBytes };
  }
}

async function run(device: string, attempts: Outcome["attempts"][number][] | undefined): Promise<string> {
  manualSeed(0);
  const training = new Training();
  const batches = Array.from({ length: STEPS }, () => randn(ROWS, INS).keep());
  for (const batch of batches) {
    for (const [what, attempt] of attempts ? attemptsOf(device) : []) {
      const before = await training.hash();
      const outcome = await told(() => attempt(training));
      const isIntact = (await training.hash()) === before;
      attempts?.push({ what, ...outcome, isRight: outcome.isRight && isIntact });
    }
    await training.step(batch);
  }
  return training.hash();
}

export async function main({ device }: { device: "cpu" | "webgpu" }): Promise<Outcome> {
  if (device === "cpu") capMemory();
  await init({ device });
  const undisturbed = await run(device, undefined);
  const attempts: Outcome["attempts"][number][] = [];
  return { weights: [undisturbed, await run(device, attempts)], attempts };
}
