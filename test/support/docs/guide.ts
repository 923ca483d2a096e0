import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Block, blocksOf, placeOf } from "./blocks.ts";
import { type Place, runCommand } from "./commands.ts";
import { openInBrowser } from "./pages.ts";
import { checkOutput, programsOf, runProgram } from "./programs.ts";
import { folderName, folderOf, type Project, type Ran, runIn } from "./project.ts";

const isFile = ({ language, settings }: Block): boolean => settings["file"] !== undefined && language !== "html";

function writeFiles(folder: string, blocks: readonly Block[]): void {
  for (const { settings, code } of blocks.filter(isFile)) {
    const file = join(folder, settings["file"] ?? "");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
}

/** A block that is a file is verified by what uses it: a command, a page, another file of the same page of the guide. */
function checkUse(block: Block, blocks: readonly Block[]): void {
  const name = block.settings["file"] ?? "";
  const stem = name.replace(/^.*\//, "").replace(/\.\w+$/, "");
  const users = blocks.filter(
    (other) => other !== block && ["sh", "html", "js", "ts", "json"].includes(other.language),
  );
  const isConfig =
    ["package.json", "tsconfig.json", "deno.json"].includes(name) && users.some(({ language }) => language === "sh");
  if (!isConfig && !users.some(({ code }) => code.includes(name) || code.includes(`/${stem}`)))
    throw new SyntaxError(`${placeOf(block)}: no command and no file uses ${name}, so that nothing verifies it`);
}

async function runShell(block: Block, place: Place): Promise<void> {
  let printed = "";
  for (const line of block.code.trim().replaceAll("\\\n", " ").split("\n")) {
    if (/^\s*(#|$)/.test(line)) continue;
    const { code, stdout, output }: Ran = await runCommand(line, place);
    if (code !== 0) throw new TypeError(`${placeOf(block)}: ${line}\nended with ${code}: ${output}`);
    printed += stdout;
  }
  checkOutput(block, printed);
}

/** A text block that quotes a file: its lines are lines of that file, in the file's order, `…` where some are left out. */
function checkQuote(block: Block): void {
  const file = block.settings["of"] ?? "";
  const lines = readFileSync(resolve(file), "utf8").split("\n");
  let at = 0;
  for (const line of block.code.trimEnd().split("\n")) {
    if (line.trim() === "…") continue;
    const found = lines.indexOf(line, at);
    if (found < 0) throw new RangeError(`${placeOf(block)}: ${file} has no line "${line}" after line ${at}`);
    at = found + 1;
  }
}

/** Runs every block of a page in a folder of its own; throws at the first one that is wrong, or that nothing verifies. */
export async function verifyPage(project: Project, page: string): Promise<void> {
  const blocks = blocksOf(page);
  const folder = folderOf(project, page);
  writeFiles(folder, blocks);
  const programs = programsOf(blocks);
  for (const [i, program] of programs.entries()) await runProgram(folder, `program${i + 1}`, program);
  const inPrograms = new Set(programs.flat());
  for (const block of blocks) {
    if (inPrograms.has(block)) continue;
    if (isFile(block)) checkUse(block, blocks);
    else if (block.language === "sh") await runShell(block, { project, folder });
    else if (block.language === "html") await openInBrowser(folder, block);
    else if (block.language === "text" && block.settings["of"] !== undefined) checkQuote(block);
    else throw new SyntaxError(`${placeOf(block)}: nothing verifies this ${block.language || "unnamed"} block`);
  }
}

const COMPILER = {
  target: "ES2022",
  lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
  module: "ESNext",
  moduleResolution: "bundler",
  moduleDetection: "force",
  types: ["node"],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
};

/** Checks the types of every program and file that the pages have written: TypeScript strictly, JavaScript by inference. */
export async function checkTypes({ root }: Project, pages: readonly string[]): Promise<string> {
  const denos = pages.flatMap((page) => blocksOf(page)).filter(({ words }) => words.includes("deno"));
  const ofDeno = denos.map(({ page, settings }) => `${folderName(page)}/${settings["file"]}`); // by `deno check`
  const exclude = ["**/node_modules", "**/*.run.mjs", "**/out", ...ofDeno];
  const js = { ...COMPILER, noImplicitAny: false, allowJs: true, checkJs: true };
  writeFileSync(join(root, "ts.json"), JSON.stringify({ compilerOptions: COMPILER, include: ["*/**/*.ts"], exclude }));
  writeFileSync(
    join(root, "js.json"),
    JSON.stringify({ compilerOptions: js, include: ["*/**/*.mjs", "*/**/*.js"], exclude }),
  );
  const tsc = resolve("node_modules/.bin/tsc");
  const runs = await Promise.all(["ts.json", "js.json"].map((config) => runIn(root, tsc, ["--project", config])));
  return runs.map(({ output }) => output).join("");
}
