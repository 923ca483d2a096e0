import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entryPoints, ShaderTable } from "../../src/backend/webgpu/shaders.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import { openBrowser } from "../../src/headless/browser.ts";
import { runProcess } from "../support/process.ts";

const compiling = suite("shaders compile");

/** A module as a device gets it, and the entry points that are made pipelines of. */
interface Module {
  readonly file: string;
  readonly code: string;
  readonly entries: readonly string[];
}

/** Every file with kernels behind all that it includes; those with products once for each way of computing them. */
function modules(): Module[] {
  const found = new Map<string, Module>();
  for (const tiling of ["registers", "workgroup"] as const) {
    const table = new ShaderTable(WGSL, tiling);
    for (const text of Object.values(WGSL)) {
      const entries = entryPoints(text);
      if (entries[0] === undefined) continue;
      const { file, code } = table.fileOf(entries[0]);
      const name = found.has(file) && found.get(file)?.code !== code ? `${file} (${tiling})` : file;
      found.set(name, { file: name, code, entries });
    }
  }
  return [...found.values()];
}

/** Modules that are not right, to see that it is told. */
const WRONG: readonly (Module & { readonly what: string })[] = [
  {
    what: "an error",
    file: "error",
    code: "@compute @workgroup_size(64) fn error() { let a: u32 = 1.0; }",
    entries: ["error"],
  },
  {
    what: "a barrier that not all reach",
    file: "barrier",
    code: `@compute @workgroup_size(64) fn barrier(@builtin(local_invocation_index) lane: u32) {
  if (lane < 3u) { workgroupBarrier(); } }`,
    entries: ["barrier"],
  },
  {
    what: "a warning",
    file: "warning",
    code: "@compute @workgroup_size(64) fn warning() { return; let a = 1u; }",
    entries: ["warning"],
  },
];

/** Compiles modules and their pipelines on this runtime's WebGPU; tells what it says of each. Runs far from here: no outer names. */
async function compile(list: readonly Module[]): Promise<string[]> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) return ["there is no adapter"];
  const device = await adapter.requestDevice();
  const problems: string[] = [];
  for (const { file, code, entries } of list) {
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code });
    const { messages } = await module.getCompilationInfo();
    for (const { type, lineNum, message } of messages) problems.push(`${file}: ${type} in line ${lineNum}: ${message}`);
    for (const entryPoint of entries) device.createComputePipeline({ layout: "auto", compute: { module, entryPoint } });
    const error = await device.popErrorScope();
    if (error) problems.push(`${file}: ${error.message}`);
  }
  return problems;
}

/** What Chromium's compiler, Tint, says. */
async function onTint(list: readonly Module[]): Promise<string[]> {
  const server: Server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const blankUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const onWarning = () => undefined; // that the adapter is a software one does not matter to the compiler
  const own = await openBrowser({ device: "webgpu", blankUrl, flags: ["--no-sandbox"], onWarning, signal: undefined });
  try {
    const page = await own.browser.newPage();
    await page.goto(blankUrl);
    return await page.evaluate(compile, list);
  } finally {
    await own.close();
    server.close();
    server.closeAllConnections();
  }
}

const DRIVERS = "/usr/share/vulkan/icd.d";
const MARK = "result: ";

/** What Deno's compiler, naga, says. It runs by itself: what it does not understand may end the whole process. */
async function onNaga(list: readonly Module[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-test-"));
  const driver = readdirSync(DRIVERS).find((name) => /^lvp_icd.*\.json$/.test(name)) ?? "";
  try {
    const script = join(folder, "compile.mjs");
    const call = `console.log("${MARK}" + JSON.stringify(await compile(${JSON.stringify(list)})));\n`;
    writeFileSync(script, `const compile = ${compile};\n${call}`);
    const variables = [
      `VK_ICD_FILENAMES=${join(DRIVERS, driver)}`,
      `XDG_RUNTIME_DIR=${folder}`,
      "DENO_NO_UPDATE_CHECK=1",
    ];
    const deno = ["node_modules/.bin/deno", "run", "--no-prompt", "--no-config", "--no-lock", script];
    const { code, stdout, stderr } = await runProcess("env", [...variables, ...deno]);
    const line = stdout.split("\n").find((each) => each.startsWith(MARK));
    if (code !== 0 || line === undefined) return [`Deno ended with ${code}: ${stderr.slice(-2000)}`];
    return JSON.parse(line.slice(MARK.length));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

compiling("every kernel's module is looked at, those with products in both ways of computing them", () => {
  const files = modules().map(({ file }) => file);
  assert.is(files.length, new Set(files).size);
  for (const product of ["matmul", "linear", "linearGradient"])
    assert.equal(
      files.filter((file) => file.startsWith(product)).filter((file) => file.replace(/ .*/, "") === product),
      [product, `${product} (workgroup)`],
    );
  const entries = modules().flatMap((module) => module.entries);
  assert.equal([...new Set(entries)].sort(), Object.values(WGSL).flatMap(entryPoints).sort());
});

let told: Promise<string[]> | undefined; // a browser takes seconds to start: one for both lists
const chromium = (): Promise<string[]> => {
  told ??= onTint([...modules(), ...WRONG]);
  return told;
};
const tellsOf =
  ({ file }: Module) =>
  (problem: string) =>
    problem.startsWith(`${file}: `);

compiling("in Chromium without an error or a warning", async () => {
  const problems = await chromium();
  assert.equal(
    problems.filter((problem) => !WRONG.some((module) => tellsOf(module)(problem))),
    [],
  );
});

compiling("in Deno without an error or a warning", async () => {
  assert.equal(await onNaga(modules()), []);
});

for (const module of WRONG)
  compiling(`Chromium would have told of ${module.what}`, async () => {
    assert.ok((await chromium()).some(tellsOf(module)));
  });

compiling("Deno would have told of an error", async () => {
  const problems = await onNaga(WRONG.slice(0, 1));
  assert.match(problems[0] ?? "", /^error: /);
});

compiling.run();
