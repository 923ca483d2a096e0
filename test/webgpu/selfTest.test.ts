import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/backend/device.ts";
import { findGpu, type OpenedAdapter } from "../../src/backend/webgpu/adapter.ts";
import type { Shaders } from "../../src/backend/webgpu/shaders.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import { DeviceError } from "../../src/core/errors.ts";
import { init } from "../../src/index.ts";
import { diagnose } from "../../src/init/diagnose.ts";
import { chooseGpu, openGpu } from "../../src/init/gpu.ts";
import { lossOf, testAdapter } from "../support/gpuJobs.ts";

interface Context {
  cpu: Device;
  /** Devices that a test's adapter opened. */
  opened: GPUDevice[];
}

const selfTest = suite<Context>("self-test");

selfTest.before(async (context) => {
  context.cpu = await init({ device: "cpu" });
});
selfTest.before.each((context) => {
  context.opened = [];
});
selfTest.after.each(({ opened }) => {
  for (const device of opened) device.destroy();
});

/** The test's adapter, whose devices are noted, and which says of itself what `facts` says. */
async function adapterOf({ opened }: Context, facts: { software?: boolean } = {}): Promise<OpenedAdapter> {
  const adapter = await testAdapter();
  const open = async () => {
    const device = await adapter.open();
    opened.push(device);
    return device;
  };
  return { facts: { ...adapter.facts, ...facts }, open };
}

/** The package's shaders with one piece of text exchanged, wherever it stands in a file. */
function sabotaged(file: string, from: string, to: string): Shaders {
  const text = WGSL[file] ?? "";
  assert.ok(text.includes(from), `${file}.wgsl has no "${from}"`);
  return { ...WGSL, [file]: text.replaceAll(from, to) };
}

/** What openGpu throws. */
async function refusal(context: Context, shaders: Shaders, software = true): Promise<Error> {
  const adapter = await adapterOf(context, { software });
  try {
    await openGpu(context.cpu, adapter, shaders);
  } catch (error) {
    assert.instance(error, DeviceError);
    return error as DeviceError;
  }
  throw new Error("openGpu took the broken shaders");
}

interface Sabotage {
  readonly what: string;
  readonly kernel: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** False: as on a hardware adapter, where tiles in workgroup memory are tried too. */
  readonly software?: boolean;
}

const SABOTAGES: readonly Sabotage[] = [
  {
    what: "a weight gradient of zeros",
    kernel: "linearGradient",
    file: "linearGradient",
    from: "dw[at + q] = sums[q];",
    to: "dw[at + q] = 0.0;",
  },
  {
    what: "dropout that scales by 1 - p",
    kernel: "dropout",
    file: "dropout",
    from: "params.threshold, params.scale)",
    to: "params.threshold, 1.0 / params.scale)",
  },
  {
    what: "a layer's dropout that scales by 1 - p",
    kernel: "linear",
    file: "linear",
    from: "vec4f(params.scale)",
    to: "vec4f(1.0 / params.scale)",
  },
  {
    what: "a bias without gradient",
    kernel: "linearGradient",
    file: "linearGradient",
    from: "db[o] = columnSum(o);",
    to: "db[o] = 0.0;",
  },
  {
    what: "tiles that no barrier guards",
    kernel: "linear",
    file: "productTiles",
    from: "workgroupBarrier();",
    to: "",
    software: false,
  },
  {
    what: "tiles that are overwritten while others read them",
    kernel: "linear",
    file: "productTiles",
    from: "workgroupBarrier();\nloadTiles",
    to: "loadTiles",
    software: false,
  },
  {
    what: "sums that no barrier guards",
    kernel: "reduceLoss",
    file: "runningSum",
    from: "workgroupBarrier();",
    to: "",
  },
  {
    what: "a first moment of Adam that stays",
    kernel: "adam",
    file: "adam",
    from: "m[i] = m[i] * params.beta1",
    to: "let m1 = m[i] * params.beta1",
  },
  {
    what: "a second moment of Adam that stays",
    kernel: "adam",
    file: "adam",
    from: "v[i] = v[i] * params.beta2",
    to: "let v1 = v[i] * params.beta2",
  },
  {
    what: "images whose rows are those of other samples",
    kernel: "gatherBytes",
    file: "gatherBytes",
    from: "u32(indices[r])",
    to: "r",
  },
  {
    what: "a loss of the wrong class",
    kernel: "crossEntropy",
    file: "crossEntropy",
    from: "x[first + u32(t) * params.inner]",
    to: "x[first]",
  },
];

for (const { what, kernel, file, from, to, software = true } of SABOTAGES)
  selfTest(`refuses ${what}, and names ${kernel}`, async (context) => {
    const { message } = await refusal(context, sabotaged(file, from, to), software);
    assert.match(message, `webgpu: the kernel ${kernel} fails its self-test on `);
    assert.match(message, 'call init({ device: "cpu" })');
  });

selfTest("refuses a shader that does not compile, and names kernel and file", async (context) => {
  const { message } = await refusal(context, sabotaged("adam", "params.beta2", "params.nothing"));
  assert.match(message, "webgpu: the kernel adam (adam.wgsl) does not compile here: ");
});

selfTest("refuses shaders that lack a kernel, and names it", async (context) => {
  const { message } = await refusal(context, sabotaged("adam", "fn adam(", "fn other("));
  assert.match(message, "webgpu: there is no shader for the kernel adam");
});

selfTest("diagnose tells which kernel failed on which adapter", async (context) => {
  const { message } = await refusal(context, sabotaged("dropout", "params.scale)", "1.0 / params.scale)"));
  const found = diagnose().webgpu;
  assert.is(found?.selfTest, message);
  assert.ok(found?.adapter && message.includes(found.adapter));
});

selfTest("diagnose tells that the shaders of the package pass", async (context) => {
  const adapter = await adapterOf(context);
  await openGpu(context.cpu, adapter);
  const { selfTest, tiling, software } = diagnose().webgpu ?? {};
  assert.equal([selfTest, tiling, software], ["passed", "registers", true]);
});

for (const [adapter, software] of [
  ["a software adapter", true],
  ["a hardware adapter, where one of two tilings fails", false],
] as const)
  selfTest(`leaves no device open where it refuses ${adapter}`, async (context) => {
    const shaders = software
      ? sabotaged("dropout", "params.scale)", "1.0 / params.scale)")
      : sabotaged("productTiles", "workgroupBarrier();", "");
    await refusal(context, shaders, software);
    assert.is(context.opened.length, software ? 1 : 2);
    const reasons = await Promise.all(context.opened.map(lossOf));
    assert.equal(
      reasons,
      reasons.map(() => "destroyed"),
    );
  });

selfTest('"auto" never takes a software adapter, and diagnose says why', async ({ cpu }) => {
  assert.is(await chooseGpu(cpu, await findGpu()), cpu);
  const { reason, software } = diagnose().webgpu ?? {};
  assert.is(software, true);
  assert.match(reason ?? "", 'a software adapter is taken only where init({ device: "webgpu" }) asks for it');
});

selfTest('"auto" takes the CPU without WebGPU, and diagnose says what is missing', async ({ cpu }) => {
  assert.is(await chooseGpu(cpu, undefined), cpu);
  assert.match(diagnose().webgpu?.reason ?? "", "this runtime has no navigator.gpu");
});

selfTest.run();
