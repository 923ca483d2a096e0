// The file that the tests of the store load in a worker: it writes again and again, and says what it has seen between.
import { openStore } from "../../src/io/store.ts";
import { serveTraining, type WorkerRun } from "../../src/worker/index.ts";

/** What a test asks of the worker. */
export interface StoreOrder {
  readonly name: string;
  /** What each write is filled with. */
  readonly marks: readonly number[];
  readonly length: number;
  /** Whether files that are replaced when closed are taken from it, as older versions of Safari have none. */
  readonly inPlaceOnly?: boolean;
}

/** Whether bytes are all the same. */
const isEven = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === bytes[0]);

const job = serveTraining(async ({ args }: WorkerRun<StoreOrder>): Promise<boolean> => {
  const { FileSystemFileHandle: Handle } = globalThis as { FileSystemFileHandle?: { prototype: object } };
  if (args.inPlaceOnly && Handle) Reflect.deleteProperty(Handle.prototype, "createWritable");
  const store = openStore(args.name);
  let whole = true;
  for (const mark of args.marks) {
    await store.write(new Uint8Array(args.length).fill(mark));
    const bytes = await store.read();
    whole &&= bytes !== undefined && bytes.length === args.length && isEven(bytes);
  }
  return whole;
});
export type StoreJob = typeof job;
