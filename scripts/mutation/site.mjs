// What a site is: a change that a file allows, where it lies, and a key that lives on when lines move.
import { typescriptChanges } from "./typescript.mjs";
import { wgslChanges } from "./wgsl.mjs";

/** What `--only` chooses among: where the sources lie, and how their changes are found. */
export const PARTS = {
  assembly: { folder: "assembly", ending: ".ts", changes: typescriptChanges },
  shaders: { folder: "shaders", ending: ".wgsl", changes: (_, text) => wgslChanges(text) },
  ops: { folder: "src/ops", ending: ".ts", changes: typescriptChanges },
};

/** A piece of code on one line. */
const oneLine = (text) => text.replaceAll(/\s+/g, " ").trim();

/** Gives each change its file, its line and a key that lives on when lines move. */
function located(part, file, text, changes) {
  const counts = new Map();
  return changes.map((change) => {
    const lineStart = text.lastIndexOf("\n", change.start - 1) + 1;
    const lineEnd = text.indexOf("\n", change.start);
    const line = text.slice(0, change.start).split("\n").length;
    const code = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).trim();
    const before = oneLine(text.slice(change.start, change.end));
    const after = oneLine(change.after);
    const name = [file, change.operator, code, before, after].join("\n");
    const nth = counts.get(name) ?? 0;
    counts.set(name, nth + 1);
    const at = { part, file, line, column: change.start - lineStart + 1 };
    return { ...change, ...at, code, before, text: change.after, after, nth, key: `${name}\n${nth}` };
  });
}

/** Every site in a file of a part. */
export function sitesIn(part, file, text) {
  return located(part, file, text, PARTS[part].changes(file, text));
}

/** How `--site` names a site. */
export const nameOf = ({ file, line, column, operator, after }) => `${file}:${line}:${column}:${operator}:${after}`;
