// The tables for PyTorch users: the code on the right runs, and gives what PyTorch gave for the code on the left.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { blocksOf } from "./blocks.ts";
import { folderName, type Project, runIn } from "./project.ts";

/** A pair of cells: what PyTorch users write, and what stands for it here. */
export interface Pair {
  readonly line: number;
  readonly python: string;
  readonly code: string;
}

const codesIn = (cell: string): string[] => Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);

/** The pairs of code in the first two columns of the page's tables; a row may hold several, in the same order. */
export function pairsOf(page: string): Pair[] {
  return readFileSync(page, "utf8")
    .split("\n")
    .flatMap((text, i) => {
      const cells = text.split("|").map((cell) => cell.trim());
      const [left, right] = [codesIn(cells[1] ?? ""), codesIn(cells[2] ?? "")];
      if (cells[0] !== "" || cells.length < 4) return [];
      if (left.length !== right.length) throw new SyntaxError(`${page}:${i + 1}: as much code left as right is needed`);
      return right.map((code, at) => ({ line: i + 1, python: left[at] ?? "", code }));
    });
}

/** A function that makes the names, runs a pair's code, and returns the text of its last expression. */
function functionOf(names: string, { code }: Pair): string {
  const parts = code.split("; ");
  const last = parts.at(-1) ?? "";
  const isStatement = /^(const|for|let) /.test(last);
  const lines = [
    names,
    'manualSeed(1, { dropout: "torch" });',
    ...parts.slice(0, -1),
    isStatement ? last : `return textOf(${last});`,
  ];
  return `async () => {\n${lines.join(";\n")}\n}`;
}

const TEXT_OF = `
async function textOf(value: unknown): Promise<string | undefined> {
  if (value instanceof Tensor) return value.format();
  if (typeof value === "string") return value;
  return typeof value === "object" && !Array.isArray(value) ? undefined : JSON.stringify(value);
}
const log = console.log;
console.log = () => undefined;
`;

/** What each pair's code gives, as text; undefined where it has none. Throws where code fails. */
export async function runPairs(project: Project, page: string, pairs: readonly Pair[]): Promise<(string | null)[]> {
  const [first] = blocksOf(page).filter(({ language }) => language === "ts");
  if (first === undefined) throw new SyntaxError(`${page}: the pairs need a program that makes their names`);
  const imports = /^import .*?;$/gms;
  const names = first.code.replaceAll(imports, "");
  const head = (first.code.match(imports) ?? []).join("\n").replace("type Tensor", "Tensor");
  const functions = pairs.map((pair) => functionOf(names, pair));
  const end = `const texts: unknown[] = [];
for (const give of [${functions.join(",\n")}]) texts.push((await give()) ?? null);
log(JSON.stringify(texts));`;
  const folder = join(project.root, folderName(page));
  const source = [head, TEXT_OF, end].join("\n");
  writeFileSync(join(folder, "rows.ts"), source);
  const { code } = await transform(source, { loader: "ts", format: "esm", target: "es2022" });
  writeFileSync(join(folder, "rows.run.mjs"), code);
  const ran = await runIn(folder, process.execPath, ["rows.run.mjs"]);
  if (ran.code !== 0) throw new TypeError(`${page}: ${ran.output}`);
  return JSON.parse(ran.stdout) as (string | null)[];
}

/** True for the same text, and for numbers, alone or in lists, that agree to 1e-6: float32 sums in another order. */
export function agree(text: string, golden: string): boolean {
  if (text === golden) return true;
  const numbers = (from: string) => (from.match(/-?\d+(\.\d+)?(e-?\d+)?/g) ?? []).map(Number);
  const [a, b] = [numbers(text), numbers(golden)];
  const isJson = /^[-\d[]/.test(text) && /^[-\d[]/.test(golden);
  return isJson && a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] as number)) <= 1e-6);
}
