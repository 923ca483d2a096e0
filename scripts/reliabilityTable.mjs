// What the reliability suite measured, as a file and as the table of docs/reliability.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { findRows, loadRow } from "./reliabilityRows.mjs";
import { path } from "./setup.mjs";

const FILE = path("docs/measured/reliability.json");
const PAGE = path("docs/reliability.md");
const [START, END] = ["<!-- what npm run test:reliability wrote -->\n", "<!-- end -->"];

const stored = () => (existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : { rows: {} });

/** Puts results of full runs into the file, each with the version of Node that ran it, and writes the table. */
export async function record(results) {
  const { rows } = stored();
  const node = process.versions.node;
  // What failed is told with the places of errors: those of this tree, wherever it lies.
  const here = (text) => text.replaceAll(path("."), "");
  for (const { name, ...rest } of results) rows[name] = { ...rest, failures: rest.failures.map(here), node };
  const names = findRows().map(({ name }) => name);
  const kept = names.flatMap((name) => (rows[name] === undefined ? [] : [[name, rows[name]]]));
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ rows: Object.fromEntries(kept) }, null, 2)}\n`);
  await writeTable();
}

const cell = (text) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");

/** A row of the table; a script that has not run in full says so. */
function tableRow(name, title, result) {
  if (result === undefined) return `| ${name} | ${cell(title)} | not run yet | |`;
  const { passed, tried, note, failures } = result;
  const verdict = failures.length === 0 ? `${passed} of ${tried}` : `**failed**: ${passed} of ${tried}`;
  return `| ${name} | ${cell(title)} | ${verdict} | ${cell(note)} |`;
}

async function table() {
  const { rows } = stored();
  const lines = ["| row | promise | held in | told |", "|---|---|---:|---|"];
  for (const row of findRows()) lines.push(tableRow(row.name, (await loadRow(row)).title, rows[row.name]));
  return `${lines.join("\n")}\n`;
}

/** The page as it should be. @throws Error where it has no place for the table */
async function page() {
  const text = readFileSync(PAGE, "utf8");
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has no "${START.trim()}" with "${END}" behind it`);
  return text.slice(0, from + START.length) + (await table()) + text.slice(to);
}

/** Writes the table anew from what is in the file. */
export async function writeTable() {
  writeFileSync(PAGE, await page());
}

/** @throws Error where the page's table is not what the file gives */
export async function checkTable() {
  if (readFileSync(PAGE, "utf8") !== (await page()))
    throw new Error(
      "the table of docs/reliability.md is not what docs/measured/reliability.json gives: npm run test:reliability -- --table",
    );
  console.log("docs/reliability.md shows what docs/measured/reliability.json holds");
}
