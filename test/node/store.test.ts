import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openStore } from "../../src/io/store.ts";

interface Folder {
  root: string;
}

const store = suite<Folder>("store");
store.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "torchlet-store-"));
});
store.after.each(({ root }) => rmSync(root, { recursive: true }));

store("is the file of its name, and nothing else", async ({ root }) => {
  const path = join(root, "new", "folder", "file");
  await openStore(path).write(Uint8Array.of(1, 2, 255));
  assert.equal(new Uint8Array(readFileSync(path)), Uint8Array.of(1, 2, 255));
  assert.equal(readdirSync(join(root, "new", "folder")), ["file"]);
  writeFileSync(path, "abc");
  assert.equal(await openStore(path).read(), Uint8Array.of(97, 98, 99));
  await openStore(path).remove();
  assert.equal(readdirSync(join(root, "new", "folder")), []);
});

store.run();
