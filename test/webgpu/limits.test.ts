import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultDevice } from "../../src/backend/device.ts";
import { findGpu, openAdapter } from "../../src/backend/webgpu/adapter.ts";
import { entryPoints, ShaderTable, type Tiling } from "../../src/backend/webgpu/shaders.ts";
import { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import { DeviceError, OutOfMemoryError } from "../../src/core/errors.ts";
import { kernel } from "../../src/core/kernel.ts";
import { tensor, zeros } from "../../src/create.ts";
import { useDevice } from "../support/device.ts";
import { openBackend } from "../support/gpuJobs.ts";

const limits = suite("what WebGPU cannot do");
limits.before(useDevice);

const refusal = async (work: () => Promise<unknown>): Promise<Error> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was refused");
};

/** A GPU of which only the adapter request is asked. */
const gpuThat = (requestAdapter: GPU["requestAdapter"]): GPU => ({ requestAdapter }) as Partial<GPU> as GPU;

limits("a runtime without WebGPU is told apart, and the way out named", async () => {
  assert.is(await findGpu({}), undefined);
  const error = await refusal(() => openAdapter(undefined, true));
  assert.instance(error, DeviceError);
  assert.match(error.message, /no navigator\.gpu.*init\(\{ device: "cpu" \}\)/);
});

limits("a machine without an adapter is told so", async () => {
  const error = await refusal(() =>
    openAdapter(
      gpuThat(async () => null),
      true,
    ),
  );
  assert.instance(error, DeviceError);
  assert.match(error.message, /offers no adapter/);
});

limits("an adapter that gives no device within the default limits is told so, with its reason", async () => {
  const found = await (await findGpu())?.requestAdapter();
  assert.ok(found);
  const adapter = {
    info: found?.info,
    features: found?.features,
    requestDevice: () => Promise.reject(new Error("maxStorageBuffersPerShaderStage is 4")),
  } as Partial<GPUAdapter> as GPUAdapter;
  const { open } = await openAdapter(
    gpuThat(async () => adapter),
    true,
  );
  const error = await refusal(open);
  assert.instance(error, DeviceError);
  assert.match(error.message, /within the default limits: maxStorageBuffersPerShaderStage is 4/);
});

limits("a tensor over the buffer limit throws OutOfMemoryError at the call, and everything goes on", async () => {
  const row = zeros(1, 40_000_000 / 8);
  assert.throws(
    () => row.add(zeros(8, 1)),
    (error: unknown) => error instanceof OutOfMemoryError && /160000000 bytes.*134217728/.test(error.message),
  );
  row.dispose();
  assert.equal(await tensor([1, 2]).add(1).data(), Float32Array.of(2, 3));
});

limits("a device that runs out of memory throws OutOfMemoryError at the next await", async () => {
  const backend = await openBackend();
  const { device } = backend;
  const pop = device.popErrorScope.bind(device);
  let failing = true;
  device.popErrorScope = () => {
    const error = failing ? ({ message: "no memory left" } as GPUError) : null;
    failing = false;
    return pop().then(() => error);
  };
  const block = backend.allocate(1024);
  const error = await refusal(() => backend.finish());
  assert.instance(error, OutOfMemoryError);
  assert.match(error.message, /no room for 1024 bytes.*no memory left/);
  backend.write(block, 0, new Uint8Array(4));
  assert.is((await backend.read(block, 0, 4)).length, 4, "it goes on");
  backend.destroy();
});

limits("a kernel that the device refuses throws DeviceError at the next await, with its name", async () => {
  const backend = await openBackend("registers", { ...WGSL, broken: "@compute @workgroup_size(64) fn broken() { x }" });
  const block = backend.allocate(256);
  backend.run(kernel("broken", { reads: [], writes: ["y"], params: { n: "u32" } }), [block], [1]);
  const error = await refusal(() => backend.finish());
  assert.instance(error, DeviceError);
  assert.match(error.message, /broken/);
  backend.destroy();
});

limits("many reads in one turn wait for the device once", async () => {
  const { backend } = defaultDevice();
  const { maps } = (backend as WebGpuBackend).counters;
  const sums = Array.from({ length: 50 }, (_, i) => tensor([i, 1]).sum());
  const values = await Promise.all(sums.map((sum) => sum.item()));
  assert.equal(
    values,
    sums.map((_, i) => i + 1),
  );
  assert.is((backend as WebGpuBackend).counters.maps, maps + 1);
});

limits("what is read is of the moment of the call, whatever is changed afterwards", async () => {
  const backend = await openBackend();
  const block = backend.allocate(256);
  backend.write(block, 0, Uint8Array.of(1, 2, 3, 4));
  const before = backend.read(block, 0, 4);
  backend.write(block, 0, Uint8Array.of(5, 6, 7, 8));
  assert.equal([await before, await backend.read(block, 1, 2)], [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(6, 7)]);
  backend.destroy();
});

for (const tiling of ["registers", "workgroup"] satisfies Tiling[])
  limits(`every shader compiles without an error or a warning, products in ${tiling}`, async () => {
    const backend = await openBackend(tiling);
    const table = new ShaderTable(WGSL, tiling);
    for (const [file, text] of Object.entries(WGSL)) {
      const [entry] = entryPoints(text);
      if (entry === undefined) continue; // included by others
      const module = backend.device.createShaderModule({ code: table.fileOf(entry).code });
      const { messages } = await module.getCompilationInfo();
      assert.equal(
        messages.map(({ type, message }) => `${type}: ${message}`),
        [],
        file,
      );
    }
    backend.destroy();
  });

limits.run();
