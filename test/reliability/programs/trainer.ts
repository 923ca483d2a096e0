// A run that writes its checkpoint to a file after every step, and goes on from what is there; it tells what was acknowledged.
import { JsonValue } from "../../../src/train/jsonValue.ts";
import { openStore } from "../../../src/io/store.ts";
import { parse } from "../../../src/io/safetensors.ts";
import { decodeCheckpoint } from "../../../src/train/checkpointFile.ts";
import { open, smallRun, STEPS } from "./smallRun.ts";

/** Steps done, counted through all epochs, as a checkpoint says; throws where it cannot be read. */
export function stepsOf(bytes: Uint8Array): number {
  const { snapshot } = decodeCheckpoint(bytes, "the checkpoint");
  return (snapshot.epoch - 1) * STEPS + snapshot.step;
}

export async function main({ path }: { readonly path: string }): Promise<void> {
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
