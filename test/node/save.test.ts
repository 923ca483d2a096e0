import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError } from "../../src/core/errors.ts";
import { checkWritable, saveFile } from "../../src/io/save.ts";
import { withFiles } from "../support/fileSystem.ts";

interface Folder {
  root: string;
}

const saving = suite<Folder>("saveFile");
saving.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "torchlet-save-"));
});
saving.after.each(({ root }) => rmSync(root, { recursive: true }));

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

function assertRefused(error: unknown, path: string): void {
  assert.ok(error instanceof DataError && error.message.includes(`cannot write ${path}`), String(error));
}

saving("writes bytes and text, and leaves nothing else behind", async ({ root }) => {
  await saveFile(join(root, "bytes"), Uint8Array.of(1, 2, 255));
  await saveFile(join(root, "text"), "ü\n");
  assert.equal(new Uint8Array(readFileSync(join(root, "bytes"))), Uint8Array.of(1, 2, 255));
  assert.is(readFileSync(join(root, "text"), "utf8"), "ü\n");
  assert.equal(readdirSync(root).sort(), ["bytes", "text"]);
});

saving("replaces what was there, even by less", async ({ root }) => {
  const path = join(root, "file");
  await saveFile(path, "a long content");
  await saveFile(path, "");
  assert.is(readFileSync(path, "utf8"), "");
  assert.equal(readdirSync(root), ["file"]);
});

saving("a folder in the way stays as it is, and no temporary file is left", async ({ root }) => {
  const path = join(root, "taken");
  mkdirSync(path);
  writeFileSync(join(path, "inside"), "kept");
  assertRefused(await refusal(saveFile(path, "new")), path);
  assert.is(readFileSync(join(path, "inside"), "utf8"), "kept");
  assert.equal(readdirSync(root), ["taken"]);
});

saving("a full disk leaves the old file whole, and no temporary file", async ({ root }) => {
  const path = join(root, "file");
  writeFileSync(path, "old");
  const full = { open: (place: string, flags: string) => open(place.endsWith(".tmp") ? "/dev/full" : place, flags[0]) };
  const error = await withFiles(full, () => refusal(saveFile(path, "new")));
  assertRefused(error, path);
  assert.match(String(error), "ENOSPC: no space left on device, write; the disk is full: make room");
  assert.is(readFileSync(path, "utf8"), "old");
  assert.equal(readdirSync(root), ["file"]);
});

saving("a folder that is not there is made", async ({ root }) => {
  const path = join(root, "nowhere", "yet", "file");
  await saveFile(path, "new");
  assert.is(readFileSync(path, "utf8"), "new");
  assert.equal(readdirSync(join(root, "nowhere", "yet")), ["file"]);
});

saving("saves at once to different names do not mix", async ({ root }) => {
  const names = Array.from({ length: 20 }, (_, i) => `file${i}`);
  await Promise.all(names.map((name) => saveFile(join(root, name), name.repeat(10_000))));
  assert.equal(readdirSync(root).sort(), [...names].sort());
  for (const name of names) assert.is(readFileSync(join(root, name), "utf8"), name.repeat(10_000));
});

saving("saves at once to one name leave one of them whole", async ({ root }) => {
  const path = join(root, "file");
  const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
  await Promise.all(contents.map((content) => saveFile(path, content)));
  assert.ok(contents.includes(readFileSync(path, "utf8")));
  assert.equal(readdirSync(root), ["file"]);
});

saving("checkWritable makes the folder, and leaves it empty", async ({ root }) => {
  await checkWritable(join(root, "one", "two", "file"));
  assert.equal(readdirSync(join(root, "one", "two")), []);
});

saving("checkWritable leaves a file that is there alone", async ({ root }) => {
  writeFileSync(join(root, "file"), "old");
  await checkWritable(join(root, "file"));
  assert.is(readFileSync(join(root, "file"), "utf8"), "old");
  assert.equal(readdirSync(root), ["file"]);
});

saving("checkWritable refuses a path below a regular file", async ({ root }) => {
  writeFileSync(join(root, "file"), "old");
  const path = join(root, "file", "out", "metrics.jsonl");
  assertRefused(await refusal(checkWritable(path)), path);
  assert.not.ok(existsSync(path));
});

saving.run();
