// What a change can be felt in: the functions that call what it lies in, by names alone, up to kernels and operations.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What begins at the start of a line, in all three languages. */
const DECLARATION = /^(?:export )?(?:function|fn|const|let|struct|class|var(?:<[^>]*>)?) +(\w+)/gm;

/** The declarations of a text by their names; the first part, imports and comments, is left out. */
function declarations(text) {
  const found = Array.from(text.matchAll(DECLARATION), ({ 1: name, index }) => ({ name, index }));
  return found.map(({ name, index }, i) => ({ name, index, text: text.slice(index, found[i + 1]?.index) }));
}

const wordsOf = (text) => new Set(text.replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, "").match(/\w+/g));

/** Reads the declarations of a folder once: they serve every change in it. */
export class Reach {
  #declared;

  constructor(root, folder) {
    const files = readdirSync(join(root, folder)).filter((file) => /\.(ts|wgsl)$/.test(file));
    this.#declared = files.flatMap((file) =>
      declarations(readFileSync(join(root, folder, file), "utf8")).map((each) => ({
        ...each,
        file: `${folder}/${file}`,
        words: wordsOf(each.text),
      })),
    );
  }

  /** Names that mention what a change lies in, its own included; after them the file's. */
  namesFrom({ file, start }) {
    const own = this.#declared.filter((each) => each.file === file && each.index <= start).at(-1);
    const names = new Set(own ? [own.name] : []);
    for (const name of names) for (const each of this.#declared) if (each.words.has(name)) names.add(each.name);
    return [...names, basename(file).replace(/\.\w+$/, "")];
  }
}
