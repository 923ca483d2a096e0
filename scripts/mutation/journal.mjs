// What earlier runs have found out, one line of JSON each, so that a long run can be made in pieces.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** A site in a file as it is now. */
const markOf = (site, text) => createHash("sha256").update(`${site.key}\n${text}`).digest("hex").slice(0, 24);

export class Journal {
  #file;
  #known = new Map();

  /** @param file undefined for none */
  constructor(file, again) {
    this.#file = file;
    if (file === undefined || !existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
      const { mark, ...result } = JSON.parse(line);
      this.#known.set(mark, result);
    }
    if (again) for (const [mark, { status }] of this.#known) if (status === "survived") this.#known.delete(mark);
  }

  find(site, text) {
    return this.#known.get(markOf(site, text));
  }

  add(site, text, result) {
    if (this.#file === undefined) return;
    const name = `${site.file}:${site.line} ${site.before} -> ${site.after}`;
    appendFileSync(this.#file, `${JSON.stringify({ mark: markOf(site, text), ...result, name })}\n`);
  }
}
