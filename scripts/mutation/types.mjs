// Whether TypeScript still accepts a file: what it refuses is no change to count.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { globSync } from "../glob.mjs";

/** Checks single files of a tree whose other files stay as they are. */
export class TypeChecker {
  #service;
  #versions = new Map();

  constructor(root) {
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const files = [join(root, "src/index.ts"), ...globSync(root, ["src"], ".d.ts")];
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => files,
      getScriptVersion: (file) => String(this.#versions.get(file) ?? 0),
      getScriptSnapshot: (file) =>
        ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, "utf8")) : undefined,
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** The first thing that is wrong with a file, which may have changed; undefined if nothing. */
  wrongWith(file) {
    this.#versions.set(file, (this.#versions.get(file) ?? 0) + 1);
    const service = this.#service;
    const [first] = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
    return first && ts.flattenDiagnosticMessageText(first.messageText, " ");
  }
}
