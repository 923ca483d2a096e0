import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import packed from "../../build/kernels.wasm";
import { unpackKernels } from "../../src/init/packedKernels.ts";
import { unpackLzma } from "../../src/io/lzma.ts";
import { runProcess } from "../support/process.ts";

interface Folder {
  root: string;
}

const built = suite<Folder>("the built package");
built.before((context) => {
  context.root = mkdtempSync(join(tmpdir(), "torchlet-package-"));
});
built.after(({ root }) => rmSync(root, { recursive: true }));

const { compress }: { compress(data: Uint8Array, mode: number): number[] } = createRequire(resolve("package.json"))(
  "lzma/src/lzma_worker.js",
).LZMA;
const HEADER_BYTES = 13;
const unpacked = (data: Uint8Array, mode: number): Uint8Array =>
  unpackLzma(Uint8Array.from(compress(data, mode)).subarray(HEADER_BYTES), data.length);

built("the kernels inside the main entry are kernels.wasm, byte by byte", () => {
  assert.ok(Buffer.from(unpackKernels(packed)).equals(readFileSync("build/kernels.wasm")));
});

built("LZMA data of every kind unpacks to what was packed", () => {
  let state = 1;
  const noise = (n: number, values: number) =>
    Uint8Array.from({ length: n }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 16) % values;
    });
  const long = noise(5000, 256);
  const cases = [
    Uint8Array.of(7),
    new Uint8Array(3000),
    noise(3000, 256),
    noise(3000, 2),
    noise(3000, 5),
    new Uint8Array([...long, ...new Uint8Array(200_000), ...long, ...long.subarray(17)]),
    readFileSync("README.md"),
  ];
  for (const data of cases)
    for (const mode of [1, 9]) assert.ok(Buffer.from(unpacked(data, mode)).equals(data), `${data.length}, ${mode}`);
});

/** A copy of the package's bundles, without what only GPUs need. */
function withoutGpuPart(root: string): string {
  const folder = join(root, "incomplete");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const file of readdirSync("build").filter((name) => name.endsWith(".js")))
    if (!readFileSync(join("build", file), "utf8").includes("@compute"))
      copyFileSync(join("build", file), join(folder, file));
  return folder;
}

built("without the part for GPUs auto takes the CPU, diagnose says why, and webgpu is refused", async ({ root }) => {
  const script = join(withoutGpuPart(root), "try.js");
  writeFileSync(
    script,
    `import { DeviceError, diagnose, init } from "./index.js";
Object.defineProperty(globalThis, "navigator", { value: { gpu: {} } });
const device = await init();
const error = await init({ device: "webgpu" }).catch((reason) => reason);
console.log(JSON.stringify([device.type, diagnose().webgpu.reason, error instanceof DeviceError, error.message]));`,
  );
  const { code, stdout, stderr } = await runProcess(process.execPath, [script]);
  assert.is(code, 0, stderr);
  const [type, reason, isDeviceError, message] = JSON.parse(stdout);
  assert.is(type, "cpu");
  assert.match(reason, /^init: the package's part for GPUs does not load \(.+\); serve all of its files/);
  assert.ok(isDeviceError);
  assert.is(message, reason);
});

/** The bundles with shaders in them that a program loads; Node tells by a hook what it loads. */
async function shadersLoaded(root: string, program: string): Promise<string[]> {
  const script = join(root, "loads.mjs");
  writeFileSync(
    script,
    `import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(\`import { writeSync } from "node:fs";
export async function load(url, context, next) { writeSync(1, url + "\\\\n"); return next(url, context); }\`));
const { init, tensor } = await import(${JSON.stringify(resolve("build/index.js"))});
Object.defineProperty(globalThis, "process", { value: { versions: {} } });
${program}
await tensor([1, 2]).sum().item();`,
  );
  const { code, stdout, stderr } = await runProcess(process.execPath, [script]);
  assert.is(code, 0, stderr);
  const files = Array.from(stdout.matchAll(/^file:.*\/(build\/[\w-]+\.js)$/gm), ([, file = ""]) => file);
  assert.ok(files.includes("build/index.js"));
  return files.filter((file) => readFileSync(file, "utf8").includes("@compute"));
}

built("a page on the CPU, and one on a machine without WebGPU, load no shader", async ({ root }) => {
  assert.equal(await shadersLoaded(root, 'await init({ device: "cpu" }); await init();'), []);
});

built("a page that finds WebGPU loads the shaders, one file", async ({ root }) => {
  const gpu =
    'Object.defineProperty(globalThis, "navigator", { value: { gpu: { requestAdapter: async () => null } } });';
  assert.is((await shadersLoaded(root, `${gpu} await init();`)).length, 1);
});

built.run();
