import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError } from "../../src/core/errors.ts";
import { openStore } from "../../src/io/store.ts";
import { withFiles } from "../support/fileSystem.ts";

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

/** Runs the writer until it has acknowledged so many writes and some time has passed, kills it, and gives the last of them. */
async function killedAfter(program: string, path: string, writes: number, milliseconds: number): Promise<number> {
  const child = spawn(process.execPath, [program, path, "300000"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const last = () => Number(said.split("\n").at(-2) ?? 0);
  const ended = new Promise((done) => child.on("close", done));
  child.stdout.on("data", (text) => {
    const before = last();
    said += text;
    if (before < writes && last() >= writes) setTimeout(() => child.kill("SIGKILL"), milliseconds);
  });
  await ended;
  return last();
}

store(
  "a writer that is killed leaves whole bytes, not older than acknowledged, and its remains are removed",
  async ({ root }) => {
    const program = join(root, "writer.mjs");
    const entryPoints = [resolve("test/support/storeWriter.ts")];
    await build({ entryPoints, bundle: true, format: "esm", platform: "node", outfile: program, logLevel: "silent" });
    for (const milliseconds of [0, 1, 2, 3, 5]) {
      const path = join(root, `${milliseconds}`, "file");
      const acknowledged = await killedAfter(program, path, 3, milliseconds);
      const bytes = await openStore(path).read();
      assert.ok(acknowledged >= 3 && bytes?.length === 300_000);
      assert.ok(bytes.every((byte) => byte === bytes[0]));
      // It was killed before it could say more than one further write.
      assert.ok([acknowledged % 251, (acknowledged + 1) % 251].includes(bytes[0] ?? 0));
      assert.equal(readdirSync(join(root, `${milliseconds}`)), ["file"]);
    }
  },
);

/** The name of the temporary file of a write to a path by this process. */
async function temporaryOf(path: string): Promise<string> {
  let name = "";
  const seeing = (place: string, flags: string) => {
    if (flags === "wx") name = place;
    return open(place, flags);
  };
  await withFiles({ open: seeing }, () => openStore(path).write(Uint8Array.of(1)));
  return name;
}

store(
  "files of writers that live stay: other processes, other machines, other threads, other names",
  async ({ root }) => {
    const path = join(root, "file");
    const own = await temporaryOf(path);
    const [, host = ""] = /\.(\w*)-\d+-\w+\.tmp$/.exec(own) ?? [];
    const thread = own.replace(/\w+\.tmp$/, "abc.tmp");
    const parent = `${path}.${host}-${process.ppid}-abc.tmp`;
    const elsewhere = `${path}.elsewhere-999999999-abc.tmp`;
    const others = [join(root, "file2.x-1-a.tmp"), `${path}.tmp`, `${path}.1.tmp`, `${path}.a b-1-c.tmp`];
    const dead = `${path}.${host}-999999999-abc.tmp`;
    const past = `${path}.${host}-${process.pid}-past.tmp`;
    const old = `${path}.elsewhere-1-old.tmp`;
    for (const name of [thread, parent, elsewhere, ...others, dead, past, old]) writeFileSync(name, "");
    const ago = (seconds: number) => new Date(Date.now() - 1000 * seconds);
    utimesSync(past, ago(86_400), ago(86_400)); // before this process began: of one that had its number
    utimesSync(old, ago(3700), ago(3700));
    utimesSync(elsewhere, ago(3500), ago(3500));
    utimesSync(parent, ago(86_400), ago(86_400));
    await openStore(path).write(Uint8Array.of(2));
    for (const name of [thread, parent, elsewhere, ...others]) assert.ok(existsSync(name), name);
    for (const name of [dead, past, old]) assert.not.ok(existsSync(name), name);
  },
);

store("writes anew where another machine has taken its temporary file for one left behind", async ({ root }) => {
  const path = join(root, "file");
  let taken = 0;
  const rename = async (from: string) => {
    if (taken++ === 0) rmSync(from);
    const { rename } = await import("node:fs/promises");
    return rename(from, path);
  };
  await withFiles({ rename }, () => openStore(path).write(Uint8Array.of(7)));
  assert.is(taken, 2);
  assert.equal(readdirSync(root), ["file"]);
  assert.equal(await openStore(path).read(), Uint8Array.of(7));
});

store("a device is refused, not turned into a file", async () => {
  const error = await openStore("/dev/null")
    .write(Uint8Array.of(1))
    .then(String, (cause: unknown) => cause);
  assert.ok(error instanceof DataError && /\/dev\/null: what has this name is no regular file/.test(error.message));
});

store.run();
