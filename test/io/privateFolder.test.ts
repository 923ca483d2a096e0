import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PrivateFolder } from "../../src/io/privateFolder.ts";
import { FakeFolder } from "./fakeFolder.ts";

const folder = suite("private folder");
const filled = (mark: number): Uint8Array<ArrayBuffer> => new Uint8Array(100).fill(mark);

/** The newest whole bytes that a folder keeps of a name, and their sequence. */
async function newest(fake: FakeFolder, name: string): Promise<[number, number | undefined]> {
  const copies = await new PrivateFolder(fake, "slot").copies(name);
  const [last] = copies.sort((one, other) => other.sequence - one.sequence);
  return last === undefined || last.sequence === 0 ? [0, undefined] : [last.sequence, (await last.bytes())[0]];
}

folder("slots are written in turn, and the newest is taken", async () => {
  const fake = new FakeFolder();
  for (let n = 1; n <= 5; n++) {
    await new PrivateFolder(fake, "slot").write("a", n, filled(n));
    assert.equal(await newest(fake, "a"), [n, n]);
  }
  assert.equal([...fake.files.keys()].sort(), ["a.kept.0", "a.kept.1"]);
});

folder("a write that ends at any call leaves the slot before it, or its own whole", async () => {
  let tried = 0;
  for (const before of [0, 1, 2, 3])
    for (let last = 0, hasEnded = false; !hasEnded; last++) {
      const made = new FakeFolder();
      for (let n = 1; n <= before; n++) await new PrivateFolder(made, "slot").write("a", n, filled(n));
      const torn = new FakeFolder(made.files, last);
      hasEnded = await new PrivateFolder(torn, "slot").write("a", before + 1, filled(before + 1)).then(
        () => true,
        () => false,
      );
      const [sequence, mark] = await newest(new FakeFolder(torn.files), "a");
      assert.is(mark, sequence === 0 ? undefined : sequence);
      assert.ok(
        hasEnded ? sequence === before + 1 : sequence >= before,
        `${before} before, ended at ${last}: ${sequence}`,
      );
      tried++;
    }
  assert.ok(tried > 20, `${tried} ends`);
});

folder("a changed bit is noticed, and the slot before it is taken", async () => {
  const fake = new FakeFolder();
  for (const n of [1, 2]) await new PrivateFolder(fake, "slot").write("a", n, filled(n));
  const whole = fake.files.get("a.kept.1") ?? new Uint8Array();
  for (let at = 0; at < whole.length; at++) {
    fake.files.set("a.kept.1", whole.with(at, (whole[at] ?? 0) ^ 4));
    assert.equal(await newest(fake, "a"), [1, 1], `byte ${at}`);
  }
});

folder("what writers that ended have left is removed, and nothing else", async () => {
  const names = [
    "a.kept",
    "a.kept.crswap",
    "a.kept.12.crswap",
    "a.kept.0",
    "ab.kept.crswap",
    "a.crswap",
    "a.kept.x.crswap",
  ];
  const fake = new FakeFolder(names.map((name) => [name, filled(1)]));
  await new PrivateFolder(fake, "file").sweep("a");
  assert.equal([...fake.files.keys()], names.toSpliced(1, 2));
});

folder("a file that is damaged is told, not passed over", async () => {
  const fake = new FakeFolder([["a.kept", filled(1)]]);
  await new PrivateFolder(fake, "slot").write("a", 1, filled(1));
  const copies = await new PrivateFolder(fake, "file").copies("a");
  const damaged = copies.find(({ kind }) => kind === "file");
  assert.is(damaged?.sequence, Number.POSITIVE_INFINITY);
  const error = await damaged?.bytes().then(String, (cause: unknown) => String(cause));
  assert.is(error, "DataError: cannot read a: its file in the browser is damaged; remove it and start anew");
});

folder.run();
