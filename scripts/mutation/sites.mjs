// All sites of the three folders, and the order in which a seed draws them.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { globSync } from "../glob.mjs";
import { typescriptChanges } from "./typescript.mjs";
import { wgslChanges } from "./wgsl.mjs";

/** What `--only` chooses among: where the sources lie, and how their changes are found. */
export const PARTS = {
  assembly: { folder: "assembly", ending: ".ts", changes: typescriptChanges },
  shaders: { folder: "shaders", ending: ".wgsl", changes: (_, text) => wgslChanges(text) },
  ops: { folder: "src/ops", ending: ".ts", changes: typescriptChanges },
};

/** A piece of code on one line. */
export const oneLine = (text) => text.replaceAll(/\s+/g, " ").trim();

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
    return { ...change, ...at, code, before, text: change.after, after, key: `${name}\n${nth}` };
  });
}

/** Every site in a file of a part. */
export function sitesIn(part, file, text) {
  return located(part, file, text, PARTS[part].changes(file, text));
}

/** Every site below `root` in the given parts. */
export function findSites(root, parts) {
  return parts.flatMap((part) => {
    const { folder, ending } = PARTS[part];
    const files = globSync(root, [folder], ending).map((file) => relative(root, file).split(sep).join("/"));
    return files.sort().flatMap((file) => sitesIn(part, file, readFileSync(join(root, file), "utf8")));
  });
}

/** How `--site` names a site. */
export const nameOf = ({ file, line, column, operator, after }) => `${file}:${line}:${column}:${operator}:${after}`;

/** A number in (0, 1) that a seed and a site decide, whatever else is in the folder. */
function chance(seed, key) {
  const hash = createHash("sha256").update(`${seed}\n${key}`).digest();
  return (hash.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/**
 * The sites in the order of their drawing, the parts in turn. A rare operator comes more often than its share: each weighs
 * one over the root of how often it can be applied in the part.
 */
export function drawOrder(sites, seed) {
  const counts = new Map();
  const kind = ({ part, operator }) => `${part} ${operator}`;
  for (const site of sites) counts.set(kind(site), (counts.get(kind(site)) ?? 0) + 1);
  // The least of −log(u) / weight first draws by weight without putting back (Efraimidis and Spirakis 2006).
  const ranked = sites
    .map((site) => [-Math.log(chance(seed, site.key)) * Math.sqrt(counts.get(kind(site))), site])
    .sort(([a], [b]) => a - b);
  const lists = Object.keys(PARTS).map((part) =>
    ranked.filter(([, site]) => site.part === part).map(([, site]) => site),
  );
  return lists;
}
