/*
 * `npm run reproducible`: builds the package twice, in two new folders, and prints what each build comes to. With `--built` it
 * builds once and compares with build/, which is what `npm test` does.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packedFiles } from "./packedFiles.mjs";
import { buildIfStale, installDependencies, path } from "./setup.mjs";

const FOLDERS = ["assembly", "examples", "scripts", "shaders", "src"];
/** What a build and a package read: the folders, and every file beside them. */
const SOURCES = [
  ...FOLDERS,
  ...readdirSync(path("."), { withFileTypes: true }).flatMap((e) => (e.isFile() ? [e.name] : [])),
];

/** Builds a copy of the sources in `folder`. */
async function buildIn(folder) {
  mkdirSync(join(folder, "build"), { recursive: true });
  for (const name of SOURCES) cpSync(path(name), join(folder, name), { recursive: true });
  symlinkSync(path("node_modules"), join(folder, "node_modules"));
  const child = spawn(process.execPath, [join(folder, "scripts/build.mjs")], { cwd: folder, stdio: "inherit" });
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`the build in ${folder} ended with ${code}`);
  return folder;
}

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** The hash of each file of the package in a folder. */
const hashesOf = (folder) =>
  new Map(packedFiles(folder).map((file) => [file, sha256(readFileSync(join(folder, file)))]));

const totalOf = (hashes) => sha256([...hashes].map(([file, hash]) => `${hash}  ${file}\n`).join(""));

function compare(one, other) {
  const files = [...new Set([...one.keys(), ...other.keys()])];
  return files.filter((file) => one.get(file) !== other.get(file)).map((file) => `differs: ${file}`);
}

installDependencies();
const isOne = process.argv.includes("--built");
if (isOne) buildIfStale();
const root = mkdtempSync(join(tmpdir(), "torchlet-build-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
const clean = [buildIn(join(root, "one"))];
clean.push(isOne ? path(".") : buildIn(join(root, "a second, longer name")));
const [one, other] = (await Promise.all(clean)).map(hashesOf);
const problems = compare(one, other);
if (one.size < 100) problems.push("hardly anything was built");
for (const hashes of [one, other]) console.log(`${totalOf(hashes)}  ${hashes.size} files`);
if (problems.length > 0) console.log(problems.join("\n"));
process.exitCode = problems.length > 0 ? 1 : 0;
