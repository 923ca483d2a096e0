// Changes that change nothing a test could see, each with the reason, written by hand in equivalent.json.
import { readFileSync } from "node:fs";
import { path } from "../setup.mjs";

const FILE = "scripts/mutation/equivalent.json";

/** `{ file, code, before, after, reason }`: `code` is the text of the line, so that an entry outlives moves. */
const read = () => JSON.parse(readFileSync(path(FILE), "utf8"));

let entries;

/** Why a change is equivalent; undefined unless the file says so. */
export function reasonFor({ file, code, before, after }) {
  entries ??= read();
  const found = entries.find(
    (entry) => entry.file === file && entry.code === code && entry.before === before && entry.after === after,
  );
  return found?.reason;
}
