import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/backend/device.ts";
import { findGpu } from "../../src/backend/webgpu/findGpu.ts";
import type { Shaders } from "../../src/backend/webgpu/shaders.ts";
import type { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import { DeviceError } from "../../src/core/errors.ts";
import { init } from "../../src/index.ts";
import { CORE } from "../../src/init/core.ts";
import { diagnose, type GpuDiagnosis } from "../../src/init/diagnose.ts";
import { chooseGpu, openGpu } from "../../src/init/gpu.ts";
import { lossOf, testAdapter } from "../support/gpuJobs.ts";

interface Context {
  cpu: Device;
}

const selfTest = suite<Context>("self-test");

selfTest.before(async (context) => {
  context.cpu = await init({ device: "cpu" });
});

/** The package's shaders with one piece of text exchanged, wherever it stands in a file. */
function sabotaged(file: string, from: string, to: string): Shaders {
  const text = WGSL[file] ?? "";
  assert.ok(text.includes(from), `${file}.wgsl has no "${from}"`);
  return { ...WGSL, [file]: text.replaceAll(from, to) };
}

/** How openGpu refused shaders: what it threw, what `diagnose` said then, and the devices it had opened. */
interface Refusal {
  readonly error: unknown;
  readonly diagnosis: GpuDiagnosis | undefined;
  readonly opened: readonly GPUDevice[];
}

async function refusalOf(cpu: Device, shaders: Shaders, software: boolean): Promise<Refusal> {
  const adapter = await testAdapter();
  const opened: GPUDevice[] = [];
  const open = async () => {
    const device = await adapter.open();
    opened.push(device);
    return device;
  };
  let error: unknown;
  try {
    await openGpu(CORE, cpu, { facts: { ...adapter.facts, software }, open }, shaders);
  } catch (thrown) {
    error = thrown;
  }
  return { error, diagnosis: diagnose().webgpu, opened };
}

const messageOf = ({ error }: Refusal): string => {
  assert.instance(error, DeviceError);
  return (error as DeviceError).message;
};

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
    what: "sums that no barrier guards",
    kernel: "reduceLoss",
    file: "runningSum",
    from: "workgroupBarrier();",
    to: "",
  },
  {
    what: "a moment of Adam that stays",
    kernel: "adam",
    file: "adam",
    from: "m[i] = flushed(m[i] * params.beta1",
    to: "let m1 = flushed(m[i] * params.beta1",
  },
];

for (const { what, kernel, file, from, to, software = true } of SABOTAGES) {
  let refusal: Promise<Refusal> | undefined; // made once: it takes a second
  const refuse = (cpu: Device) => {
    refusal ??= refusalOf(cpu, sabotaged(file, from, to), software);
    return refusal;
  };

  selfTest(`refuses ${what}, and names ${kernel} and the way out`, async ({ cpu }) => {
    const message = messageOf(await refuse(cpu));
    assert.match(message, `webgpu: the kernel ${kernel} fails its self-test on `);
    assert.match(message, 'call init({ device: "cpu" })');
  });

  selfTest(`diagnose tells of ${what}`, async ({ cpu }) => {
    const refused = await refuse(cpu);
    assert.is(refused.diagnosis?.selfTest, messageOf(refused));
    assert.ok(messageOf(refused).includes(refused.diagnosis?.adapter ?? "no adapter"));
  });

  selfTest(`leaves no device open after ${what}`, async ({ cpu }) => {
    const { opened } = await refuse(cpu);
    assert.equal(await Promise.all(opened.map(lossOf)), software ? ["destroyed"] : ["destroyed", "destroyed"]);
  });
}

selfTest("refuses a shader that does not compile, and names kernel and file", async ({ cpu }) => {
  const message = messageOf(await refusalOf(cpu, sabotaged("adam", "params.beta2", "params.nothing"), true));
  assert.match(message, "webgpu: the kernel adam (adam.wgsl) does not compile here: ");
});

selfTest("refuses shaders that lack a kernel, and names it", async ({ cpu }) => {
  const message = messageOf(await refusalOf(cpu, sabotaged("adam", "fn adam(", "fn other("), true));
  assert.match(message, "webgpu: there is no shader for the kernel adam");
});

selfTest("passes the shaders of the package, and diagnose says so", async ({ cpu }) => {
  const { backend } = await openGpu(CORE, cpu, await testAdapter());
  const { selfTest, tiling, software } = diagnose().webgpu ?? {};
  assert.equal([selfTest, tiling, software], ["passed", "registers", true]);
  (backend as WebGpuBackend).destroy();
});

selfTest('"auto" never takes a software adapter, and diagnose says why', async ({ cpu }) => {
  assert.is(await chooseGpu(CORE, cpu, await findGpu()), cpu);
  const { reason, software } = diagnose().webgpu ?? {};
  assert.is(software, true);
  assert.match(reason ?? "", 'a software adapter is taken only where init({ device: "webgpu" }) asks for it');
});

selfTest('"auto" takes the CPU without an adapter, and diagnose says what is missing', async ({ cpu }) => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  assert.is(await chooseGpu(CORE, cpu, gpu), cpu);
  assert.match(diagnose().webgpu?.reason ?? "", "this machine offers no adapter");
});

selfTest.run();
