// A run that writes its checkpoint to a file after every step, and goes on from what is there; it tells its process and what was acknowledged.
import { JsonValue } from "../../../src/train/jsonValue.ts";
import { openStore } from "../../../src/io/store.ts";
import { parse } from "../../../src/io/safetensors.ts";
import { decodeCheckpoint } from "../../../src/train/checkpointFile.ts";
import type { FitOptions } from "../../../src/train/index.ts";
import { fingerprint, MemoryStore, open, smallRun, STEPS } from "./smallRun.ts";

export { stepsOf } from "./smallRun.ts";

/** Fingerprints of the end of a checkpoint's epoch: of the run that goes on from it, and of one that was never cut short. */
export async function endsOf(bytes: Uint8Array<ArrayBuffer>): Promise<[goneOn: string, undisturbed: string]> {
  await open("cpu");
  const { epoch } = decodeCheckpoint(bytes, "the checkpoint").snapshot;
  const end = async (options: FitOptions): Promise<string> => {
    const store = new MemoryStore();
    const { status } = await smallRun({ device: "cpu" }).run({ checkpoint: store, ...options }, epoch);
    if (status !== "completed" || store.bytes === undefined) throw new RangeError(`the run was ${status}`);
    return fingerprint(store.bytes);
  };
  return [await end({ resume: bytes }), await end({})];
}

export async function main({ path }: { readonly path: string }): Promise<void> {
  console.log(`process ${process.pid}`);
  await open("cpu");
  const file = openStore(path);
  const store = {
    ...{ read: file.read, remove: file.remove },
    write: async (bytes: Uint8Array<ArrayBuffer>) => {
      const run = JsonValue.parse(parse(bytes).metadata.get("torchlet.checkpoint") ?? "", "state").get("run");
      const steps = (run.get("epoch").count() - 1) * STEPS + run.get("step").count();
      await file.write(bytes);
      console.log(`acknowledged ${steps}`);
    },
  };
  await smallRun({ device: "cpu" }).run({ checkpoint: { to: store, everySteps: 1 }, resume: true }, 100_000);
}
