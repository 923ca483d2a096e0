// Part of the bundles for WebGPU: whether the shaders that a change touches compile at all.
import { entryPoints, ShaderTable } from "../../src/backend/webgpu/shaders.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import { testAdapter } from "../../test/support/gpuJobs.ts";

const KERNELS = Object.values(WGSL).flatMap(entryPoints);

/** What the compiler says against the shader of one of the kernels named, with either way of computing products; or nothing. */
export async function checkShaders(names) {
  const kernels = KERNELS.filter((name) => names.includes(name));
  const device = await (await testAdapter()).open();
  for (const tiling of ["registers", "workgroup"]) {
    const table = new ShaderTable(WGSL, tiling);
    const codes = new Set(kernels.map((name) => table.fileOf(name).code));
    for (const code of codes) {
      device.pushErrorScope("validation");
      device.createShaderModule({ code });
      const error = await device.popErrorScope();
      if (error) return error.message;
    }
  }
  device.destroy();
  return undefined;
}
