// `npm run test:consumers`: every app of consumers/ with the packed tarball, as a user would install, build and open it.
// `npm run test:consumers -- vite csp` tries only those; `--quick` those that need no download, as `npm test` does.
import { parseArgs } from "node:util";
import { buildIfStale, installDependencies } from "./setup.mjs";
import { ensureSystemPackages } from "./testSystem.mjs";

const LABEL_WIDTH = 22;

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);

function usage(reason, names) {
  console.error(
    `test:consumers: ${reason}\nusage: npm run test:consumers -- [--quick] [name …]; names: ${names.join(" ")}`,
  );
  process.exit(2);
}

function readOptions(fixtures) {
  const names = fixtures.map(({ name }) => name);
  try {
    const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
    const unknown = positionals.find((each) => !names.includes(each));
    if (unknown !== undefined) usage(`there is no fixture "${unknown}"`, names);
    const quick = values.quick === true;
    const all = fixtures.filter((each) => !quick || each.quick).map(({ name }) => name);
    return { quick, chosen: positionals.length > 0 ? positionals : all };
  } catch (error) {
    return usage(error.message, names);
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
installDependencies();
ensureSystemPackages(["chromium"]);
buildIfStale();
const { FIXTURES, runFixtures } = await import("./consumers/run.mjs"); // after the install: it imports packages
const { quick, chosen } = readOptions(FIXTURES);
const totals = { passed: 0, failed: 0 };
await runFixtures(chosen, {
  quick,
  onResult({ name, note, error, seconds }) {
    totals[error ? "failed" : "passed"]++;
    const took = seconds === undefined ? "" : ` ${paint(2, `${seconds.toFixed(1)} s`)}`;
    console.log(`${name.padEnd(LABEL_WIDTH)}${error ? paint(31, "failed") : `${paint(32, "ok")}  ${note}`}${took}`);
    if (error) console.log(`\n${error.message}\n`);
  },
}).catch((error) => {
  totals.failed++;
  console.error(`test:consumers: ${error.message}`);
});
const line = `${totals.passed} passed, ${totals.failed} failed`;
console.log(`\n${paint(totals.failed > 0 ? 31 : 32, line)}`);
process.exit(totals.failed > 0 ? 1 : 0);
