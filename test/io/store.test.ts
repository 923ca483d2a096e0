import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError } from "../../src/core/errors.ts";
import { builtin, type FileSystem } from "../../src/io/fileSystem.ts";
import { openStore } from "../../src/io/store.ts";
import { trainInWorker } from "../../src/worker/index.ts";
import { startWorker } from "../worker/start.ts";
import type { StoreJob } from "../worker/stores.ts";
import { fullPlace, otherPlace } from "./places.ts";

const store = suite("store");
const FOLDER = `build/test/stores-${Math.random().toString(36).slice(2)}`;
const LENGTH = 100_000;
let count = 0;
/** A name that nothing is kept under: a path where names are paths. */
const freshName = (): string => `${FOLDER}/${++count}`;
const filled = (mark: number, length = LENGTH): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(mark);
const isOneOf = (bytes: Uint8Array | undefined, marks: readonly number[]): boolean =>
  bytes?.length === LENGTH && marks.includes(bytes[0]!) && bytes.every((byte) => byte === bytes[0]);

interface Remover extends FileSystem {
  rm(path: string, options: { recursive: boolean; force: boolean }): Promise<void>;
}

store.after(() => builtin<Remover>("node:fs/promises")?.rm(FOLDER, { recursive: true, force: true }));

store("gives back what was written last, whoever opens it", async () => {
  const name = freshName();
  const one = openStore(name);
  assert.is(await one.read(), undefined);
  await one.write(filled(1));
  await one.write(filled(2, 3));
  assert.equal(await one.read(), Uint8Array.of(2, 2, 2));
  assert.equal(await openStore(name).read(), Uint8Array.of(2, 2, 2));
  assert.is(await openStore(freshName()).read(), undefined);
});

store("keeps a part of a buffer, and no bytes at all", async () => {
  const kept = openStore(freshName());
  await kept.write(Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
  const bytes = await kept.read();
  assert.equal(bytes, Uint8Array.of(2, 3));
  assert.is(bytes?.buffer.byteLength, 2);
  await kept.write(new Uint8Array());
  assert.equal(await kept.read(), new Uint8Array());
});

store("removes what is there, and what is not", async () => {
  const kept = openStore(freshName());
  await kept.remove();
  await kept.write(filled(1));
  await kept.remove();
  assert.is(await kept.read(), undefined);
  await kept.write(filled(2, 1));
  assert.equal(await kept.read(), Uint8Array.of(2));
});

store("keeps names apart that look alike", async () => {
  const folder = freshName();
  const names = ["a", "a.0", "ä b%20?", "A%", "..b", "b/c"].map((name) => `${folder}/${name}`);
  for (const [i, name] of names.entries()) await openStore(name).write(Uint8Array.of(i));
  for (const [i, name] of names.entries()) assert.equal(await openStore(name).read(), Uint8Array.of(i), name);
  assert.throws(() => openStore(""), /openStore: expected a name of one letter or more, got ""/);
});

store("does what it is asked in that order, without waiting for answers", async () => {
  const kept = openStore(freshName());
  const answers = await Promise.all([
    kept.write(filled(1)),
    kept.read(),
    kept.write(filled(2)),
    kept.remove(),
    kept.read(),
    kept.write(filled(3)),
    kept.read(),
  ]);
  assert.ok(isOneOf(answers[1] ?? undefined, [1]) && answers[4] === undefined && isOneOf(answers[6] ?? undefined, [3]));
});

store("writers at once never mix", async () => {
  const name = freshName();
  const marks = [1, 2, 3, 4, 5, 6];
  let writing = true;
  const seen: (Uint8Array | undefined)[] = [];
  const reading = (async () => {
    while (writing) seen.push(await openStore(name).read());
  })();
  await Promise.all(marks.map((mark) => openStore(name).write(filled(mark))));
  writing = false;
  await reading;
  assert.ok(seen.every((bytes) => bytes === undefined || isOneOf(bytes, marks)));
  assert.ok(isOneOf(await openStore(name).read(), marks));
});

for (const inPlaceOnly of [false, true])
  store(`a worker ${inPlaceOnly ? "that can only write in place" : ""} and this thread never mix`, async () => {
    const name = freshName();
    const worker = startWorker("stores.mjs");
    try {
      const order = { name, marks: [1, 2, 3, 4], length: LENGTH, inPlaceOnly };
      const theirs = trainInWorker<StoreJob>(worker, { args: order }).result;
      const here = openStore(name);
      for (const mark of [5, 6, 7, 8]) {
        await here.write(filled(mark));
        assert.ok(isOneOf(await here.read(), [1, 2, 3, 4, 5, 6, 7, 8]));
      }
      assert.ok(await theirs);
      // The last of one of them; and what comes after both is what stays, whichever way it was written.
      assert.ok(isOneOf(await here.read(), [4, 8]));
      await here.write(filled(9));
      assert.ok(isOneOf(await here.read(), [9]));
      await here.remove();
      assert.is(await here.read(), undefined);
    } finally {
      await worker.terminate();
    }
  });

store("a place that is full keeps the old bytes, and says what to do", async () => {
  const kept = openStore(freshName());
  await kept.write(filled(1));
  const error = await fullPlace(() =>
    kept.write(filled(2)).then(
      () => undefined,
      (cause: unknown) => cause,
    ),
  );
  assert.ok(error instanceof DataError, String(error));
  assert.match(error.message, /^cannot write build\/test\/stores-.*(ENOSPC|QuotaExceededError).*: (remove|make room)/);
  assert.ok(isOneOf(await kept.read(), [1]));
  await kept.write(filled(3));
  assert.ok(isOneOf(await kept.read(), [3]));
});

store("is one store however its place is reached", async () => {
  const name = freshName();
  const write = (way: string, mark: number) => otherPlace(way, name, (other) => openStore(other).write(filled(mark)));
  const read = (way: string) => otherPlace(way, name, (other) => openStore(other).read());
  await write("other", 1);
  assert.ok(isOneOf(await read("usual"), [1]) && isOneOf(await read("other"), [1]));
  await write("usual", 2);
  assert.ok(isOneOf(await read("usual"), [2]));
  await write("other", 3);
  await write("other", 4);
  assert.ok(isOneOf(await read("usual"), [4]));
  await openStore(name).remove();
  assert.is(await read("other"), undefined);
  assert.is(await read("usual"), undefined);
});

store.run();
