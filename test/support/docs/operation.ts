// Follows docs/adding-an-operation.md in a copy of the repository: writes its files, makes its changes, runs its commands.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type Block, blocksOf, placeOf } from "./blocks.ts";
import { checkOutput } from "./programs.ts";
import { runIn } from "./project.ts";
import { wordsOf } from "./commands.ts";

/** What is made, not written, or has nothing to do with it. */
const LEFT_OUT = [".git", "build", "node_modules", "runs"];

/** A copy of the sources; packages are the repository's own, so the copy must never install any. */
function copyTree(): string {
  const stamp = "node_modules/.torchlet-lock";
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== readFileSync("package-lock.json", "utf8"))
    throw new TypeError("the installed packages are not those of package-lock.json: run npm test once");
  const root = mkdtempSync(join(tmpdir(), "torchlet-operation-"));
  for (const name of readdirSync(".").filter((each) => !LEFT_OUT.includes(each)))
    cpSync(name, join(root, name), { recursive: true, filter: (path) => basename(path) !== "node_modules" });
  mkdirSync(join(root, "build"));
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  return root;
}

/** Applies a `diff` block: the lines without `+` are there once, one after the other; they become those without `-`. */
function change(root: string, block: Block): void {
  const file = join(root, block.settings["file"] ?? "");
  const lines = block.code.trimEnd().split("\n");
  const side = (sign: string) =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  const [before, after] = [side("+"), side("-")];
  const text = readFileSync(file, "utf8");
  if (text.split(before).length !== 2)
    throw new RangeError(`${placeOf(block)}: ${block.settings["file"]} does not hold these lines once:\n${before}`);
  writeFileSync(
    file,
    text.replace(before, () => after),
  );
}

function write(root: string, block: Block): void {
  const name = block.settings["file"] ?? "";
  if (existsSync(name)) throw new RangeError(`${placeOf(block)}: the repository has ${name} already`);
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), block.code);
}

async function runShell(root: string, block: Block): Promise<void> {
  for (const line of block.code.trim().split("\n")) {
    const [npm, verb, ...rest] = wordsOf(line);
    if (npm !== "npm" || (verb !== "test" && verb !== "run"))
      throw new SyntaxError(`${placeOf(block)}: expected npm test or npm run, got ${line}`);
    const { code, stdout, output } = await runIn(root, "npm", [verb, ...rest], 240);
    if (code !== 0) throw new TypeError(`${placeOf(block)}: ${line}\nended with ${code}: ${output}`);
    checkOutput(block, stdout);
  }
}

/** Fails unless following the page, in its order, gives an operation that passes the page's commands. */
export async function followPage(page: string): Promise<void> {
  const root = copyTree();
  try {
    for (const block of blocksOf(page)) {
      if (block.language === "sh") await runShell(root, block);
      else if (block.settings["file"] === undefined)
        throw new SyntaxError(`${placeOf(block)}: nothing verifies this block`);
      else if (block.language === "diff") change(root, block);
      else write(root, block);
    }
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
