// `npm run test:reliability`: tries each promise of docs/reliability.md, prints one line a row, and writes what came to
// docs/measured/reliability.json and from there to the page's table. `-- R8 R9` tries only these, `--cut` short forms, which
// `npm test` runs and which write nothing. `--table` only writes the table, `--check` only compares it.
import { parseArgs } from "node:util";
import { findRows, lineOf, loadRow, runRow } from "./reliabilityRows.mjs";
import { checkTable, record, writeTable } from "./reliabilityTable.mjs";
import { buildIfStale, installDependencies } from "./setup.mjs";
import { ensureSystemPackages } from "./testSystem.mjs";

const OPTIONS = { cut: { type: "boolean" }, check: { type: "boolean" }, table: { type: "boolean" } };

function usage(reason) {
  const names = findRows().map(({ name }) => name);
  console.error(
    `test:reliability: ${reason}\nusage: npm run test:reliability -- [--cut | --table | --check] [row …]; rows: ${names.join(" ")}`,
  );
  process.exit(2);
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
    const rows = findRows();
    const names = positionals.map((each) => each.toLowerCase());
    const unknown = names.find((each) => !rows.some(({ name }) => name.toLowerCase() === each));
    if (unknown !== undefined) usage(`there is no row "${unknown}"`);
    const chosen = names.length > 0 ? rows.filter(({ name }) => names.includes(name.toLowerCase())) : rows;
    return { ...values, chosen, isNamed: names.length > 0 };
  } catch (error) {
    return usage(error.message);
  }
}

/** The rows that have a short form: all but those that export `cut = false`. */
async function withCut(rows) {
  const modules = await Promise.all(rows.map(loadRow));
  return rows.filter((_, i) => modules[i].cut !== false);
}

async function runAll({ cut = false, chosen, isNamed }) {
  const rows = cut && !isNamed ? await withCut(chosen) : chosen;
  const results = [];
  for (const row of rows) {
    const result = await runRow(row, cut);
    results.push(result);
    console.log(lineOf(result));
  }
  if (!cut) await record(results);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  console.log(`${results.length - failed} rows passed, ${failed} failed`);
  return failed === 0;
}

const options = readOptions();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
if (options.check) await checkTable();
else if (options.table) await writeTable();
else {
  installDependencies();
  ensureSystemPackages(["deno", "chromium", "firefox"]);
  buildIfStale();
  process.exitCode = (await runAll(options)) ? 0 : 1;
}
