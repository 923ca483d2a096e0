import { readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { filesBelow, signatures } from "../support/signatures.ts";

const architecture = suite("architecture");

const sources = filesBelow("src", ".ts").filter((file) => !file.endsWith(".d.ts"));

/** Rooms from the ground up; a file may import from its own room and from those below. */
const ROOMS: readonly (readonly string[])[] = [
  ["src/core/"],
  ["src/backend/"],
  ["src/array.ts", "src/tensor.ts", "src/faults.ts"],
  ["src/evacuate.ts", "src/attic.ts", "src/lifetime.ts", "src/clock.ts"],
  ["src/graph.ts", "src/autograd.ts"],
  ["src/op.ts"],
  ["src/create.ts", "src/createRandom.ts"],
  ["src/ops/"],
  [
    "src/methods.ts",
    "src/tensorMethods.ts",
    "src/tensorOperations.ts",
    "src/functional.ts",
    "src/read.ts",
    "src/move.ts",
  ],
  ["src/nn/"],
  ["src/optim/"],
  ["src/data/", "src/io/"],
  ["src/train/"],
  ["src/init/"],
  ["src/public.ts", "src/index.ts", "src/lean.ts"],
  ["src/worker/"],
  ["src/headless/"],
  ["src/cli/"],
];

/** Leaves that a room further down may use: the format readers know nothing but bytes and errors. */
const LEAVES = ["src/io/gunzip.ts", "src/io/safetensors"];

const roomOf = (file: string): number => ROOMS.findIndex((room) => room.some((place) => file.startsWith(place)));

/** Imports of values; types may point anywhere, they are gone when the program runs. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/^(?:import|export)\s+(?!type\b)([^;]*?)from\s+"(\.[^"]+)"/gms);
  return Array.from(found)
    .filter(([, names = ""]) => !/^\{(\s*type [^,}]+,?)+\s*\}\s*$/.test(names))
    .map(([, , path = ""]) => normalize(join(dirname(file), path)));
}

architecture("every source file has a room", () => {
  assert.equal(
    sources.filter((file) => roomOf(file) < 0),
    [],
  );
});

architecture("imports point one way, from upper rooms to lower ones", () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((target) => target.endsWith(".ts") && roomOf(target) > roomOf(file))
      .filter((target) => !LEAVES.some((leaf) => target.startsWith(leaf)))
      .map((target) => `${file} -> ${target}`),
  );
  assert.equal(wrong, []);
});

architecture("no import cycle", () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    else if (!done.has(file)) {
      for (const target of importsOf(file)) if (target.endsWith(".ts")) walk(target, [...path, file]);
      done.add(file);
    }
  };
  for (const file of sources) walk(file, []);
  assert.equal(cycles, []);
});

architecture("no file is longer than 300 lines", () => {
  const all = ["src", "assembly", "shaders", "test", "scripts", "examples", "bench"].flatMap((folder) =>
    [".ts", ".mjs", ".wgsl", ".html", ".css"].flatMap((suffix) => filesBelow(folder, suffix)),
  );
  assert.ok(all.length > 100);
  const long = all.filter((file) => readFileSync(file, "utf8").split("\n").length > 301);
  assert.equal(long, []);
});

architecture("no any, no suppressed errors, no skipped tests, no unfinished notes", () => {
  const self = "test/node/architecture.test.ts";
  const files = [...sources, ...filesBelow("test", ".ts"), ...filesBelow("assembly", ".ts")];
  const wrong = files.filter((file) => {
    const text = readFileSync(file, "utf8");
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/ .*$/gm, "");
    return file !== self && (/:\s*any\b|\bas any\b|<any>|\.skip\(|\.only\(/.test(code) || /@ts-|TODO|FIXME/.test(text));
  });
  assert.equal(wrong, []);
});

architecture("no switch over operations in ops and kernels", () => {
  const all = [...filesBelow("src/ops", ".ts"), ...filesBelow("assembly", ".ts"), "src/op.ts", "src/autograd.ts"];
  assert.equal(
    all.filter((file) => /\bswitch\s*\(/.test(readFileSync(file, "utf8"))),
    [],
  );
});

architecture("nothing in src/data reads big-endian numbers", () => {
  const pattern = /DataView|getUint32|getInt32|getFloat|<<\s*24|<<\s*16/;
  assert.equal(
    filesBelow("src/data", ".ts").filter((file) => pattern.test(readFileSync(file, "utf8"))),
    [],
  );
});

architecture("no host Math function that engines round differently reaches a tensor", () => {
  // + - * / and sqrt are exact everywhere; the rest is left to the AssemblyScript module. Pictures may use what they like.
  const pictures = ["src/train/scale.ts", "src/train/chart.ts", "src/train/progress.ts", "src/train/fixed.ts"];
  const pattern = /Math\.(log|log2|log10|log1p|exp|expm1|sin|cos|tan|tanh|pow|atan|asin|acos|cbrt|hypot)\(/;
  const found = sources.filter((file) => !pictures.includes(file) && pattern.test(readFileSync(file, "utf8")));
  assert.equal(found, []);
});

/** The parameter list of an exported function of `assembly/`. */
function assemblyParams(name: string): { name: string; type: string }[] | undefined {
  for (const file of filesBelow("assembly", ".ts")) {
    const match = new RegExp(`export function ${name}\\(([^)]*)\\)`, "s").exec(readFileSync(file, "utf8"));
    if (match && basename(file) !== "index.ts")
      return Array.from((match[1] ?? "").matchAll(/(\w+):\s*(\w+)/g), ([, param = "", type = ""]) => ({
        name: param,
        type,
      }));
  }
  return undefined;
}

architecture("each kernel's signature is that of its AssemblyScript function: names, order and types", async () => {
  const kernels = await signatures();
  assert.ok(kernels.length > 20, `${kernels.length} signatures found`);
  for (const kernel of kernels) {
    const expected = [
      ...[...kernel.reads, ...kernel.writes, ...(kernel.workspace ? ["workspace"] : [])].map((name) => ({
        name,
        type: "usize",
      })),
      ...kernel.params.map(([name, type]) => ({ name, type })),
    ];
    assert.equal(assemblyParams(kernel.name), expected, kernel.name);
  }
});

architecture.run();
