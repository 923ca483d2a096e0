// Which tests a change meets, in which order: those of the touched part, then wider sets before it may be called a survivor.
import { existsSync } from "node:fs";
import { path } from "../setup.mjs";
import { findTests } from "../testBundle.mjs";

const all = findTests().shared;
const below = (...folders) => all.filter((file) => folders.some((folder) => file.startsWith(`test/${folder}/`)));

/** Too long for one change of hundreds; what they compute is tested in small by the others. */
const LONG = ["test/memory/loops.test.ts", "test/train/parity.test.ts", "test/train/engines.test.ts"];
const SIGNATURES = ["test/node/shaders.test.ts", "test/node/twins.test.ts"];

/** Seconds that the touched part may take, and that a wider set may. */
const SECONDS = 8;
const WIDE_SECONDS = 150;

const stage = (name, files, more = {}) => ({ name, files, place: "node", ...more });

const kernels = stage("kernels", below("kernels"));
const ops = stage("ops", below("ops"));
const wide = stage("wide", [
  ...below("core", "nn", "optim", "data", "backend", "train").filter((file) => !LONG.includes(file)),
  ...SIGNATURES,
  "test/support/philox.test.ts",
]);
const shares = stage("shares", [...below("backend"), "test/ops/invocations.test.ts"]);
const threads = stage("threads", ["test/ops/golden.test.ts", "test/ops/gradients.test.ts"], { threads: 2 });
const webgpu = (name, files, more) => stage(name, files, { place: "deno", device: "webgpu", ...more });
const GPU_FILES = ["twins", "special", "products", "masks", "pow"].map((name) => `test/webgpu/${name}.test.ts`);
/**
 * Only the tests that name a kernel or an operation which the change can be felt in: shaders share nothing but what they include,
 * and a software adapter takes its time. `check`: first whether they compile.
 */
const shaders = webgpu("shaders", GPU_FILES, { check: true, narrow: true });
const gpu = webgpu("gpu", GPU_FILES, { narrow: true });
const gpuOps = webgpu("gpuOps", [...below("ops"), "test/webgpu/selfTest.test.ts"], { narrow: true });

/** The stages for a change, each with its limit in seconds; the first one is the touched part, and `isTouched` asks for no more. */
export function stagesFor(site, isTouched) {
  const stages = listFor(site).map((each, i) => ({ ...each, seconds: i === 0 ? SECONDS : WIDE_SECONDS }));
  return isTouched ? stages.slice(0, 1) : stages;
}

function listFor({ part, within }) {
  if (part === "assembly") return [kernels, ops, wide, threads];
  if (part === "shaders") return [shaders, gpuOps];
  if (within.includes("split")) return [shares, threads, ops, wide];
  return [ops, wide, gpu, gpuOps];
}

for (const file of [...SIGNATURES, ...GPU_FILES])
  if (!existsSync(path(file))) throw new Error(`the mutation check looks for ${file}, which is gone`);
