// Runs a program of test/reliability/programs in a place: Node, Deno, Bun, Chromium, Firefox, or WebGPU in one of them.
import { mkdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { bundleOptions } from "../../../scripts/build.mjs";
import { runInChromium, SWIFTSHADER_FLAGS } from "../../../scripts/chromium.mjs";
import { path } from "../../../scripts/setup.mjs";
import { PLACES } from "../../../scripts/testPlaces.mjs";

const FOLDER = "build/reliability";
const [START, END] = ["<<result ", " result>>"];
const KEPT_LINES = 10;

const bundled = new Map();
let entries = 0;

async function bundle(name) {
  const { external } = bundleOptions;
  await build({
    ...bundleOptions,
    external: [...external, "puppeteer", "esbuild"],
    mainFields: ["module", "main"],
    entryPoints: [path(`test/reliability/programs/${name}.ts`)],
    tsconfig: path("tsconfig.json"),
    outfile: path(`${FOLDER}/${name}.mjs`),
  });
  return `${FOLDER}/${name}.mjs`;
}

/** Bundles a program against the sources, once. @returns the bundle's path from the root; it exports `main` */
export function bundleProgram(name) {
  const known = bundled.get(name) ?? bundle(name);
  bundled.set(name, known);
  return known;
}

/** An entry that calls `main` and prints what it gives, or why it gave nothing. */
const entryOf = (name, args) => `import { main } from "./${name}.mjs";
const told = await Promise.resolve().then(() => main(${JSON.stringify(args)})).then(
  (value) => ({ value }),
  (error) => ({ error: String(error?.stack ?? error) }),
);
console.log(${JSON.stringify(START)} + JSON.stringify(told) + ${JSON.stringify(`${END}\n`)});
`;

/**
 * Runs a program's `main(args)` in a fresh process or a fresh browser.
 *
 * @param place a name of `PLACES` in scripts/testPlaces.mjs
 * @returns what `main` gives, by way of JSON
 * @throws Error with what it threw, or with the end of its output where it told nothing
 */
export async function runProgram(name, place, args = {}, seconds = 120, { runBundle } = PLACES[place]) {
  await bundleProgram(name);
  const entry = `${FOLDER}/${name}-${process.pid}-${entries++}.mjs`;
  mkdirSync(path(FOLDER), { recursive: true });
  writeFileSync(path(entry), entryOf(name, args));
  const { output, reason } = await runBundle(entry, seconds);
  const at = output.lastIndexOf(START);
  if (at < 0)
    throw new Error(`${place}: ${reason ?? "told nothing"}\n${output.split("\n").slice(-KEPT_LINES).join("\n")}`);
  const { value, error } = JSON.parse(output.slice(at + START.length, output.indexOf(END, at)));
  if (error !== undefined) throw new Error(`${place}: ${error}`);
  return value;
}

const inChromium = (flags) => ({
  runBundle: (entry, seconds) => runInChromium(entry, seconds, [...flags, "--js-flags=--expose-gc"]),
});
const COLLECTED = { chromium: inChromium([]), "chromium webgpu": inChromium(SWIFTSHADER_FLAGS) };

/** The same of a program that asks for collections: pages have `gc` then. */
export const runCollected = (name, place, args, seconds) =>
  runProgram(name, place, args, seconds, COLLECTED[place] ?? PLACES[place]);
