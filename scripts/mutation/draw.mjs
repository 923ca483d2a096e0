// All sites of the three folders, and the order in which a seed draws them.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { globSync } from "../glob.mjs";
import { PARTS, sitesIn } from "./site.mjs";

/** Every site below `root` in the given parts. */
export function findSites(root, parts) {
  return parts.flatMap((part) => {
    const { folder, ending } = PARTS[part];
    const files = globSync(root, [folder], ending).map((file) => relative(root, file).split(sep).join("/"));
    return files.sort().flatMap((file) => sitesIn(part, file, readFileSync(join(root, file), "utf8")));
  });
}

/** A number in (0, 1) that a seed and a site decide, whatever else is in the folder. */
function chance(seed, key) {
  const hash = createHash("sha256").update(`${seed}\n${key}`).digest();
  return (hash.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/**
 * The sites in the order of their drawing, the parts in turn. A rare operator comes more often than its share: each weighs
 * one over how often it can be applied in the part, but for the cube root of that.
 */
export function drawOrder(sites, seed) {
  const counts = new Map();
  const kind = ({ part, operator }) => `${part} ${operator}`;
  for (const site of sites) counts.set(kind(site), (counts.get(kind(site)) ?? 0) + 1);
  // The least of −log(u) / weight first draws by weight without putting back (Efraimidis and Spirakis 2006).
  const ranked = sites
    .map((site) => [-Math.log(chance(seed, site.key)) * counts.get(kind(site)) ** (2 / 3), site])
    .sort(([a], [b]) => a - b);
  return Object.keys(PARTS).map((part) => ranked.filter(([, site]) => site.part === part).map(([, site]) => site));
}
