import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { type Block, matches, placeOf } from "./blocks.ts";
import { runIn } from "./project.ts";

/** Blocks that are one program: one that stands alone, and those that say they continue it. */
export type Program = readonly [Block, ...Block[]];

const PROGRAMS = ["js", "ts"];

/** Written between two blocks of a program, to know which has printed what. */
const SEAM = "--- the next block ---";

/** The programs of a page, without the blocks that are files. */
export function programsOf(blocks: readonly Block[]): Program[] {
  const programs: [Block, ...Block[]][] = [];
  for (const block of blocks) {
    if (!PROGRAMS.includes(block.language) || block.settings["file"] !== undefined) continue;
    const last = programs.at(-1);
    if (!block.words.includes("continued")) programs.push([block]);
    else if (last) last.push(block);
    else throw new SyntaxError(`${placeOf(block)}: there is nothing to continue`);
  }
  return programs;
}

/** The program's text, its training cut to `epochs` where a block says so. */
function sourceOf(program: Program): string {
  const parts = program.map((block) => {
    const { epochs } = block.settings;
    if (epochs === undefined) return block.code;
    const code = block.code.replace(/(\bfit\([^;]*?optimizer, )\d+/, `$1${epochs}`);
    if (code === block.code) throw new SyntaxError(`${placeOf(block)}: no number of epochs to replace by ${epochs}`);
    return code;
  });
  return parts.join(`;console.log("${SEAM}");\n`);
}

/** What a page shows of ten epochs, as a run of fewer prints it. */
function shorten(shown: string, epochs: string | undefined): string {
  if (epochs === undefined) return shown;
  const lines = shown.split("\n");
  const kept = lines.filter((line) => !/^Epoch\[/.test(line) || Number(/\d+/.exec(line)?.[0]) <= Number(epochs));
  return kept.join("\n").replaceAll(/^(Epoch\[\d+\/)\d+/gm, `$1${epochs}`);
}

/** Fails unless `printed` is what the page shows after the block. */
export function checkOutput(block: Block, printed: string): void {
  const { expected } = block;
  if (expected === undefined || matches(shorten(expected.code, block.settings["epochs"]), printed)) return;
  throw new RangeError(`${placeOf(expected)}: the page shows\n${expected.code}\nbut this was printed:\n${printed}`);
}

/** Writes a program into the folder and runs it in Node; fails unless it ends well and prints what the page shows. */
export async function runProgram(folder: string, name: string, program: Program): Promise<void> {
  const [first] = program;
  const loader = first.language === "ts" ? "ts" : "js";
  const source = sourceOf(program);
  writeFileSync(join(folder, `${name}.${loader === "ts" ? "ts" : "mjs"}`), source); // for the type checker
  const { code } = await transform(source, { loader, format: "esm", target: "es2022" });
  writeFileSync(join(folder, `${name}.run.mjs`), code);
  const ran = await runIn(folder, process.execPath, ["--enable-source-maps", `${name}.run.mjs`]);
  if (ran.code !== 0) throw new TypeError(`${placeOf(first)}: the program ended with ${ran.code}: ${ran.output}`);
  const printed = ran.stdout.split(`${SEAM}\n`);
  program.forEach((block, i) => {
    checkOutput(block, printed[i] ?? "");
  });
}
