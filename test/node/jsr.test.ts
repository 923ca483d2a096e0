import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runDeno } from "../support/deno.ts";
import { readJson } from "../support/files.ts";
import { writeMnist } from "../support/mnistFiles.ts";
import type { Ended } from "../support/process.ts";

interface NpmPackage {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

interface JsrPackage {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** What npm has and JSR has not. */
const ONLY_ON_NPM = [
  "./headless", // asks for puppeteer where it is used; JSR knows no optional packages
  "./kernels.wasm", // JSR takes WebAssembly for a module and looks for the package it imports from; the file is published
  "./package.json",
  "./thread.js", // a script for pages whose policy forbids workers made of texts; it exports nothing
];

const npm = await readJson<NpmPackage>("package.json");
const jsr = await readJson<JsrPackage>("jsr.json");

const publishing = suite("what JSR is given");

/** Files that a module or declaration names outside its doc comments, as paths from the root of the repository. */
function named(file: string): string[] {
  const text = readFileSync(file, "utf8").replaceAll(/\/\*\*[\s\S]*?\*\//g, "");
  const found = text.matchAll(/(?:\bfrom |\bimport |\bimport\(|-self-types=)"(\.\.?\/[^"]+)"/g);
  return Array.from(found, ([, target = ""]) => normalize(join(dirname(file), target)));
}

function reachable(files: readonly string[]): string[] {
  const seen = new Set(files.map((file) => normalize(file)));
  for (const file of seen) for (const target of named(file)) seen.add(target);
  return [...seen].sort();
}

let dryRun: Promise<Ended>;
publishing.before(() => {
  dryRun = runDeno(["publish", "--dry-run", "--allow-dirty"]);
});

/** The files that `deno publish` lists. */
async function published(): Promise<string[]> {
  const { stdout, stderr } = await dryRun;
  const root = pathToFileURL(resolve(".")).href;
  const lines = `${stdout}${stderr}`.matchAll(/^ +(file:\S+) \(/gm);
  return Array.from(lines, ([, url = ""]) => url.slice(root.length + 1)).sort();
}

publishing("jsr.json has the version, the licence and the entry points of package.json", () => {
  assert.is(jsr.version, npm.version);
  assert.is(jsr.license, npm.license);
  const expected = Object.keys(npm.exports).filter((name) => !ONLY_ON_NPM.includes(name));
  assert.equal(Object.keys(jsr.exports).sort(), expected.sort());
});

publishing("each entry point exports what npm's does, and its declarations begin with what it is for", async () => {
  for (const [name, file] of Object.entries(jsr.exports)) {
    const entry = npm.exports[name];
    assert.ok(typeof entry === "object", name);
    const modules = await Promise.all([entry.default, file].map((path) => import(pathToFileURL(resolve(path)).href)));
    assert.equal(Object.keys(modules[1]), Object.keys(modules[0]), name);
    const types = /^\/\* @\w+-self-types="(.+)" \*\/\n/.exec(readFileSync(file, "utf8"))?.[1];
    assert.ok(types !== undefined, `${file} names no declarations`);
    assert.match(
      readFileSync(join(dirname(file), types), "utf8"),
      /^\/\*\*(?:(?!\*\/)[\s\S])*\n \* @module [\w/]+\n \*\/\n/,
      name,
    );
  }
});

publishing("deno publish finds no slow type and warns of nothing, without a network", async () => {
  const { code, stdout, stderr } = await dryRun;
  assert.is(code, 0, stderr);
  const [words = ""] = `${stdout}${stderr}`.split("Simulating publish");
  assert.match(words, "Checking for slow types in the public API...");
  assert.not.match(words, /warn|slow-type|error/i);
  assert.not.ok(existsSync("deno.lock"));
});

publishing("Deno's linter finds nothing that JSR would mind in the sources", async () => {
  const { code, stdout, stderr } = await runDeno(["lint", "--no-config", "--rules-tags=jsr", "src"]);
  assert.is(code, 0, `${stdout}${stderr}`);
  assert.match(stderr, /Checked \d{3} files/);
});

publishing("what is published is what the entry points need, and the words about it", async () => {
  const words = ["CHANGELOG.md", "LICENSE", "README.md", "jsr.json"];
  const expected = [...words, "build/kernels.wasm", ...reachable(Object.values(jsr.exports))];
  assert.equal(await published(), expected.sort());
});

/** A project that has the published files, and the training example with `torchlet` mapped to them. */
async function project(root: string): Promise<string[]> {
  for (const file of await published()) cpSync(file, join(root, "package", file));
  for (const name of ["model.ts", "train.ts"]) cpSync(join("examples/deno", name), join(root, name));
  const imports = Object.entries(jsr.exports).map(([name, file]) => [
    name.replace(/^\./, "torchlet"),
    `./${join("package", file)}`,
  ]);
  writeFileSync(join(root, "deno.json"), JSON.stringify({ imports: Object.fromEntries(imports), lock: false }));
  for (const folder of ["data", "out"]) mkdirSync(join(root, folder));
  writeMnist(join(root, "data"), 400, 100);
  return imports.map(([, file = ""]) => file);
}

publishing("the published files by themselves are right to Deno's type checker, and train", async () => {
  const root = mkdtempSync(join(tmpdir(), "torchlet-jsr-"));
  try {
    const entries = await project(root);
    const checked = await runDeno(["check", "--all", "train.ts", ...entries], { cwd: root });
    assert.is(checked.code, 0, checked.stderr);
    const permissions = ["--allow-read=data", "--allow-write=out", "--no-prompt"];
    const job = ["train.ts", "data", "out/model.safetensors", "1"];
    const trained = await runDeno(["run", ...permissions, ...job], { cwd: root });
    assert.match(trained.stdout, /^Epoch\[1\/1\] - Train loss: \d/m, trained.stderr);
    assert.ok(existsSync(join(root, "out/model.safetensors")));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

publishing.run();
