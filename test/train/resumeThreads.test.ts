import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import { init, manualSeed, nn, optim, tensor } from "../../src/index.ts";
import type { ByteStore } from "../../src/io/store.ts";
import { fit } from "../../src/train/index.ts";
import { decodeCheckpoint } from "../../src/train/checkpointFile.ts";
import { noise } from "../support/gradcheck.ts";
import { contents } from "../support/resumable.ts";

const resuming = suite("resume on threads");

const [SAMPLES, BATCH, EPOCHS, EVERY] = [330, 66, 3, 2];

/** A run that is large enough for its kernels to be shared among threads; gives all checkpoints that it has written. */
async function run(threads: number, resume: Uint8Array | false): Promise<Uint8Array[]> {
  const device = await init({ device: "cpu", threads });
  try {
    assert.is(device.threads, threads);
    manualSeed(5);
    const x = tensor(noise(SAMPLES * 60, 1), { shape: [SAMPLES, 60] });
    const y = tensor(Int32Array.from({ length: SAMPLES }, (_, i) => (i * i) % 7));
    const loader = new DataLoader(new TensorDataset(x, y), { batchSize: BATCH, shuffle: true });
    const model = new nn.Sequential(new nn.Linear(60, 96), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(96, 7));
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    const written: Uint8Array[] = [];
    const store: ByteStore = {
      read: async () => undefined,
      write: async (bytes) => void written.push(bytes),
      remove: async () => undefined,
    };
    const checkpoint = { to: store, everySteps: EVERY };
    await fit(loader, loader, model, new nn.CrossEntropyLoss(), optimizer, EPOCHS, {
      ...{ checkpoint, resume, progress: false, restoreBest: true },
    });
    return written;
  } finally {
    device.dispose();
  }
}

/** The last checkpoint that was taken between two steps, while training went on: what a run that is killed there leaves. */
function leftByKill(written: readonly Uint8Array[]): Uint8Array {
  const isMidway = ({ step, trained, epoch }: { epoch: number; step: number; trained: boolean }) =>
    epoch > 1 && step > 0 && !trained;
  const found = written.findLast((bytes) => isMidway(decodeCheckpoint(bytes, "this one").snapshot));
  assert.ok(found, `none of ${written.length} checkpoints was taken between two steps`);
  return found;
}

resuming("a run that was killed on one or two threads goes on on one or two, and ends in the same bits", async () => {
  const whole = { 1: await run(1, false), 2: await run(2, false) };
  const end = contents(whole[1].at(-1));
  assert.equal(contents(whole[2].at(-1)), end);
  for (const before of [1, 2] as const)
    for (const after of [1, 2]) {
      const written = await run(after, leftByKill(whole[before]));
      assert.ok(written.length < whole[before].length, "it began anew");
      assert.equal(contents(written.at(-1)), end, `${before}, then ${after}`);
    }
});

resuming.run();
