// Makes build/jsr, what JSR is given: the entries of jsr.json as modules that name their declarations, and nothing else.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { bundleLibrary } from "./bundleLibrary.mjs";
import { path } from "./setup.mjs";

const OUT = "build/jsr";
/** The command line and Chrome's runner are Node's, by npm: JSR cannot ask for puppeteer without loading it for everyone. */
const NOT_ON_JSR = ["cli", "trainPage", "gpuProbe", "headless"];

/**
 * JSR knows no optional packages, and warns of an import whose target it cannot tell. Deno and browsers have WebGPU of their
 * own; in Node, the package from npm finds the package `webgpu`.
 */
const withoutOptionalPackages = {
  name: "without optional packages",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]webgpu[\\/]nodeGpu\.ts$/ }, () => ({
      contents: "export const nodeGpu = async () => undefined;",
    }));
  },
};

/** Imports and exports of other files, and types named in passing; comments are passed over. */
const SPECIFIER = /\/\*[\s\S]*?\*\/|((?:from |import\(|import )"\.[^"]+)\.ts"/g;

/** Copies a declaration and what it needs: Deno takes a name as it stands, so a declaration is asked for as `.d.ts`. */
function copyDeclarations(file, done) {
  if (done.has(file)) return;
  done.add(file);
  const text = readFileSync(path(join("build/types", file)), "utf8");
  const out = path(join(OUT, "types", file));
  mkdirSync(dirname(out), { recursive: true });
  const targets = [];
  const renamed = text.replaceAll(SPECIFIER, (found, head) => {
    if (head === undefined) return found;
    targets.push(head.slice(head.indexOf('"') + 1));
    return `${head}.d.ts"`;
  });
  writeFileSync(out, renamed);
  for (const target of targets) copyDeclarations(`${join(dirname(file), target)}.d.ts`, done);
}

/** @param options what the bundles for npm are built with */
export async function buildForJsr({ entryPoints, plugins, ...options }) {
  const kept = Object.entries(entryPoints).filter(([name]) => !NOT_ON_JSR.includes(name));
  await bundleLibrary({
    ...options,
    entryPoints: Object.fromEntries(kept),
    plugins: [...plugins, withoutOptionalPackages],
    outdir: path(OUT),
    sourcemap: false,
  });
  const { exports: npm } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  const { exports: entries } = JSON.parse(readFileSync(path("jsr.json"), "utf8"));
  const done = new Set();
  for (const [name, file] of Object.entries(entries)) {
    const declaration = relative("build/types", npm[name].types);
    copyDeclarations(declaration, done);
    writeFileSync(path(file), `/* @ts-self-types="./types/${declaration}" */\n${readFileSync(path(file), "utf8")}`);
  }
}
