import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { auditDeno } from "../support/deno.ts";
import { readJson } from "../support/files.ts";
import { writeMnist } from "../support/mnistFiles.ts";

interface Folder {
  root: string;
}

const permissions = suite<Folder>("Deno's permissions");
permissions.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "torchlet-deno-"));
  for (const name of ["data", "out"]) mkdirSync(join(context.root, name));
  writeMnist(join(context.root, "data"), 400, 100);
});
permissions.after.each(({ root }) => rmSync(root, { recursive: true }));

const TRAIN = resolve("examples/deno/train.ts");
const DENIED = ["net", "env", "run", "ffi", "sys"].map((name) => `--deny-${name}`);

/** Trains one epoch on ./data with these rights alone. */
const train = (root: string, allowed: readonly string[], file = "out/model.safetensors") =>
  auditDeno(["run", "--no-prompt", ...allowed, ...DENIED, TRAIN, "data", file, "1"], root);

permissions("importing any entry point asks for none, and adds no global", async ({ root }) => {
  const { exports } = await readJson<{ exports: Record<string, string | { default: string }> }>("package.json");
  const files = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [] : [entry.default]));
  assert.ok(files.length >= 7);
  const imports = files.map((file) => `await import(${JSON.stringify(pathToFileURL(resolve(file)).href)});`);
  const script = [
    "const before = Reflect.ownKeys(globalThis);",
    ...imports,
    "console.log(Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)));",
  ];
  writeFileSync(join(root, "imports.mjs"), script.join("\n"));
  const options = ["--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"];
  const { code, stdout, stderr, asked } = await auditDeno(["run", ...options, "imports.mjs"], root);
  assert.is(code, 0, stderr);
  assert.is(stdout, "[]\n");
  assert.is(stderr, "");
  assert.equal(asked, []);
});

permissions("training asks to read the data and to write the result, nothing else", async ({ root }) => {
  const { code, stdout, stderr, asked } = await train(root, ["--allow-read=data", "--allow-write=out"]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^Epoch\[1\/1\]/m);
  assert.equal(readdirSync(join(root, "out")), ["model.safetensors"]);
  const asks = asked.map(({ permission, value }) => `${permission} ${value}`);
  assert.equal(
    asks.filter((ask) => !ask.startsWith("read data/") && !ask.startsWith("write out/")),
    [],
  );
  assert.ok(asks.includes("write out/model.safetensors"), String(asks));
});

permissions("with the right to read the folder too, the file is replaced at once", async ({ root }) => {
  writeFileSync(join(root, "out/model.safetensors"), "old");
  const { code, stderr, asked } = await train(root, ["--allow-read=data,out", "--allow-write=out"]);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(join(root, "out")), ["model.safetensors"]);
  assert.ok(asked.some(({ permission, value }) => permission === "read" && value.endsWith(".tmp")));
});

permissions("without the right to read the data, the error names the file and the flag", async ({ root }) => {
  const { code, stderr } = await train(root, ["--allow-write=out"]);
  assert.is(code, 1);
  assert.match(
    stderr,
    /DataError: reading data\/.*failed: Requires read access to ".*", run again with the --allow-read flag/,
  );
});

permissions("without the right to write, the error comes before the first epoch", async ({ root }) => {
  const { code, stdout, stderr } = await train(root, ["--allow-read=data"]);
  assert.is(code, 1);
  assert.match(stderr, /DataError: cannot write out\/model\.safetensors: Requires write access .* --allow-write flag/);
  assert.not.match(stdout, "Epoch");
  assert.equal(readdirSync(join(root, "out")), []);
});

permissions("a folder that may be written is made where it is missing", async ({ root }) => {
  const { code, stderr } = await train(root, ["--allow-read=data", "--allow-write=out"], "out/a/b/model.safetensors");
  assert.is(code, 0, stderr);
  assert.ok(existsSync(join(root, "out/a/b/model.safetensors")));
});

permissions.run();
