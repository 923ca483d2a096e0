import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runProcess } from "../support/process.ts";

interface Site {
  readonly file: string;
  readonly operator: string;
  readonly code: string;
  readonly before: string;
  readonly after: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly key: string;
}
interface Sites {
  sitesIn(part: string, file: string, text: string): Site[];
  findSites(root: string, parts: readonly string[]): Site[];
  drawOrder(sites: readonly Site[], seed: number): Site[][];
  nameOf(site: Site): string;
}

const mutation = suite("mutation check");

const load = async (): Promise<Sites> => ({
  ...(await import(pathToFileURL(resolve("scripts/mutation/site.mjs")).href)),
  ...(await import(pathToFileURL(resolve("scripts/mutation/draw.mjs")).href)),
});

/** What becomes of a text, by operator: the whole text with each change made. */
async function changed(part: "ops" | "assembly" | "shaders", text: string, operator: string): Promise<string[]> {
  const sites = (await load()).sitesIn(part, part === "shaders" ? "x.wgsl" : "x.ts", text);
  return sites
    .filter((site) => site.operator === operator)
    .map((site) => text.slice(0, site.start) + site.text + text.slice(site.end));
}

const CASES: readonly [part: "ops" | "assembly" | "shaders", operator: string, text: string, changes: string[]][] = [
  ["ops", "negate", "if (a) f();", ["if (!(a)) f();"]],
  ["ops", "negate", "const x = !a;", ["const x = a;"]],
  ["ops", "offByOne", "for (; i < n; );", ["for (; i <= n; );"]],
  ["ops", "offByOne", "f(3);", ["f(4);", "f(2);"]],
  ["ops", "swap", "x = a - f(b);", ["x = f(b) - a;"]],
  ["ops", "swap", "x = c ? a : b;", ["x = c ? b : a;"]],
  ["ops", "swap", "x = a + b;", []],
  ["ops", "dropStatement", "if (a) f();", [";", "if (a) ;"]],
  ["ops", "dropStatement", "throw new Error(a);", [";"]],
  ["ops", "constant", "x = true ? 2.5 : 4;", ["x = false ? 2.5 : 4;", "x = true ? 5.0 : 4;", "x = true ? 2.5 : 8;"]],
  ["ops", "replace", "x += a * -b;", ["x -= a * -b;", "x += a / -b;", "x += a * b;"]],
  ["assembly", "replace", "x = f32x4.add(a, b);", ["x = f32x4.sub(a, b);"]],
  ["assembly", "swap", "x = f32x4.sub(a, b);", ["x = f32x4.sub(b, a);"]],
  ["assembly", "swap", "x = f32x4.add(a, b);", []],
  ["assembly", "offByOne", "x = <usize>n << 2;", ["x = <usize>n << 3;", "x = <usize>n << 1;"]],
  [
    "shaders",
    "negate",
    "fn f() { if (a < b) { g(); } else { h(); } }",
    ["fn f() { if !((a < b)) { g(); } else { h(); } }"],
  ],
  [
    "shaders",
    "negate",
    "fn f() { for (var i = 0u; i < n; i++) {} }",
    ["fn f() { for (var i = 0u; !(i < n); i++) {} }"],
  ],
  ["shaders", "offByOne", "const N = 0x10u;", ["const N = 0x11u;", "const N = 0xfu;"]],
  [
    "shaders",
    "swap",
    "fn f() { y[i] = x[i].z - g(2, a); }",
    ["fn f() { y[i] = g(2, a) - x[i].z; }", "fn f() { y[i] = x[i].z - g(a, 2); }"],
  ],
  ["shaders", "dropBarrier", "fn f() { workgroupBarrier(); y = 1; }", ["fn f() {  y = 1; }"]],
  [
    "shaders",
    "dropStatement",
    "fn f() { workgroupBarrier(); y[i] = max(1, 2); let z = 3; }",
    ["fn f() { workgroupBarrier();  let z = 3; }"],
  ],
  [
    "shaders",
    "dropStatement",
    "fn f() { if (a) { b = c; } return; }",
    ["fn f() {  return; }", "fn f() { if (a) {  } return; }"],
  ],
  [
    "shaders",
    "constant",
    "fn f() { x = true; y = 0.5f; }",
    ["fn f() { x = false; y = 0.5f; }", "fn f() { x = true; y = 1.0f; }"],
  ],
  [
    "shaders",
    "replace",
    "fn f() { x = min(a, -b) * c; }",
    ["fn f() { x = max(a, -b) * c; }", "fn f() { x = min(a, b) * c; }", "fn f() { x = min(a, -b) / c; }"],
  ],
];

for (const [part, operator, text, changes] of CASES)
  mutation(`${operator} in ${part}: ${text}`, async () => {
    assert.equal((await changed(part, text, operator)).sort(), [...changes].sort());
  });

mutation("comments, types, imports and attributes are no sites", async () => {
  const { sitesIn } = await load();
  const typescript = `// 1 < 2\nimport { x } from "./1";\n/** a - 3 */\ninterface A { b: 4 }\ntype C = 5;\nlet d: 6 | 7;\nconst f = ([n = 0]) => n;`;
  assert.equal(sitesIn("ops", "x.ts", typescript), []);
  const shader =
    "// 1 < 2\n/* a - 3 */\nstruct S { @size(16) a: array<f32, 4> }\n@group(0) @binding(1) var<storage, read> a: array<vec2<u32>>;\n@compute @workgroup_size(64)\nfn f() {}";
  assert.equal(sitesIn("shaders", "x.wgsl", shader), []);
});

mutation("a seed draws the same sites when lines move, and another seed draws others", async () => {
  const { sitesIn, drawOrder } = await load();
  const text = "if (a < 3) b = c - d;\nif (a > 4) b = d * 5;\n";
  const order = (source: string, seed: number): string[] =>
    drawOrder(sitesIn("ops", "x.ts", source), seed)
      .flat()
      .map(({ key }) => key);
  assert.ok(order(text, 1).length > 20);
  assert.equal(order(`\n\n// new\n${text}`, 1), order(text, 1));
  assert.not.equal(order(text, 2), order(text, 1));
  assert.equal(order(text, 2).sort(), order(text, 1).sort());
});

mutation("the package as it is passes, a wrong shift in a kernel is caught, and nothing is left behind", async () => {
  const { findSites, nameOf } = await load();
  const sites = findSites(resolve("."), ["assembly"]);
  const site = sites.find(({ file, before, after }) => file === "assembly/neg.ts" && before === "<<" && after === ">>");
  assert.ok(site);
  const folder = mkdtempSync(join(tmpdir(), "torchlet-"));
  const command = [`TMPDIR=${folder}`, process.execPath, "scripts/mutation.mjs", "--site", nameOf(site as Site)];
  const { code, stdout, stderr } = await runProcess("env", command);
  assert.is(stderr, "");
  assert.match(stdout, /^unchanged +kernels: \d{3,} tests pass$/m);
  assert.match(stdout, /^caught +assembly\/neg\.ts:\d+ << -> >> \| test\/kernels\/unary\.test\.ts: neg/m);
  assert.is(code, 0);
  assert.equal(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});

mutation("an option that it does not know ends it with the usage", async () => {
  const { code, stderr } = await runProcess(process.execPath, ["scripts/mutation.mjs", "--only", "nothing"]);
  assert.is(code, 2);
  assert.match(stderr, /--only takes assembly, shaders, ops, got "nothing"/);
});

mutation.run();
