// Changes that change nothing a test could see, each with the reason, written by hand in equivalent.json.
import { readFileSync } from "node:fs";
import { path } from "../setup.mjs";

const FILE = "scripts/mutation/equivalent.json";

/**
 * `{ file, code, before, after, nth, reason }`: `code` is the text of the line, so that an entry outlives moves. `nth` tells equal
 * changes of equal lines apart, from 0; without it the reason holds for all of them.
 */
const read = () => JSON.parse(readFileSync(path(FILE), "utf8"));

let entries;

/** Why a change is equivalent; undefined unless the file says so. */
export function reasonFor({ file, code, before, after, nth }) {
  entries ??= read();
  const found = entries.find(
    (entry) =>
      entry.file === file &&
      entry.code === code &&
      entry.before === before &&
      entry.after === after &&
      (entry.nth ?? nth) === nth,
  );
  return found?.reason;
}
