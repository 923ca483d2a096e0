// What the command line asks for.
import { parseArgs } from "node:util";
import { PARTS } from "./site.mjs";

const USAGE = `usage: npm run test:mutation -- [options]
  --seed N        which sites are drawn (1)
  --count N       how many changes are counted (210)
  --only PART     one of ${Object.keys(PARTS).join(", ")}
  --site NAME     one change again, as a line of the output names it: file:line:column:operator:after
  --journal FILE  keeps what has been found out, so that the next run of the same seed goes on from there
  --seconds N     ends after about so long; only with --journal
  --touched       only the tests of the touched part: what they let through may still be caught by a wider set
  --again         tries what survived in the journal again
  --no-write      leaves docs/measured/mutation.json alone`;

/** Says what is wrong with the options and ends the command. */
function usage(reason) {
  console.error(`npm run test:mutation: ${reason}\n${USAGE}`);
  process.exit(2);
}

function whole(name, text) {
  if (!/^\d{1,9}$/.test(text)) usage(`--${name} takes a whole number, got "${text}"`);
  return Number(text);
}

function parsed(args) {
  const text = { type: "string" };
  const flag = { type: "boolean" };
  const options = { seed: text, count: text, only: text, site: text, journal: text, seconds: text };
  try {
    return parseArgs({ args, options: { ...options, again: flag, touched: flag, "no-write": flag } }).values;
  } catch (error) {
    return usage(error.message);
  }
}

/** `{ seed, count, parts, site, journal, seconds, again, write }` of the arguments. */
export function readOptions(args) {
  const values = parsed(args);
  const { only, site, journal } = values;
  if (only !== undefined && !(only in PARTS)) usage(`--only takes ${Object.keys(PARTS).join(", ")}, got "${only}"`);
  if (values.seconds !== undefined && journal === undefined) usage("--seconds needs --journal, to go on from");
  const count = whole("count", values.count ?? "210");
  return {
    seed: whole("seed", values.seed ?? "1"),
    count,
    parts: only === undefined ? Object.keys(PARTS) : [only],
    site,
    journal,
    seconds: values.seconds === undefined ? Number.POSITIVE_INFINITY : whole("seconds", values.seconds),
    again: values.again === true,
    touched: values.touched === true,
    // Only a whole run over all parts is a result to keep.
    write:
      [values["no-write"], values.touched].every((flag) => flag !== true) && only === undefined && site === undefined,
  };
}
