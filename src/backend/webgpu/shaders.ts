import { DeviceError } from "../../core/errors.ts";

/** WGSL texts by file name without its ending. */
export type Shaders = Readonly<Record<string, string>>;

/**
 * How products are computed: blocks in registers (best on software adapters), or tiles in workgroup memory (on hardware).
 *
 * @inline
 */
export type Tiling = "registers" | "workgroup";

const PRODUCT: Readonly<Record<Tiling, string>> = { registers: "productRegisters", workgroup: "productTiles" };

/** One WGSL module and the file it comes from. */
export interface ShaderFile {
  readonly file: string;
  readonly code: string;
}

/** Finds the file of a kernel: the one with the entry point of its name. */
export class ShaderTable {
  readonly #shaders: Shaders;
  readonly #tiling: Tiling;
  readonly #files = new Map<string, string>();

  constructor(shaders: Shaders, tiling: Tiling) {
    this.#shaders = shaders;
    this.#tiling = tiling;
    for (const [file, text] of Object.entries(shaders))
      for (const entry of entryPoints(text)) this.#files.set(entry, file);
  }

  /** @throws DeviceError for a kernel without a shader */
  fileOf(kernel: string): ShaderFile {
    const file = this.#files.get(kernel);
    if (file === undefined) throw new DeviceError(`webgpu: there is no shader for the kernel ${kernel}`);
    return { file, code: this.#assemble(file, new Set()) };
  }

  /** A file's text behind the files it includes, each once. */
  #assemble(name: string, seen: Set<string>): string {
    const file = name === "product" ? PRODUCT[this.#tiling] : name;
    if (seen.has(file)) return "";
    seen.add(file);
    const text = this.#shaders[file];
    if (text === undefined) throw new DeviceError(`webgpu: there is no shader file ${file}`);
    return includesOf(text)
      .map((each) => this.#assemble(each, seen))
      .concat(text)
      .join("\n");
  }
}

/** The names after `// include` on a line of its own. */
export const includesOf = (text: string): string[] =>
  Array.from(text.matchAll(/^\/\/ include ([\w, ]+)$/gm)).flatMap(([, names = ""]) => names.split(/, */));

/** The names of a text's entry points. */
export const entryPoints = (text: string): string[] =>
  Array.from(text.matchAll(/@compute[^{]*?\bfn (\w+)\(/g), ([, name = ""]) => name);
