import { DeviceError } from "../../core/errors.ts";
import type { Kernel } from "../../core/kernel.ts";
import type { GpuBlock, WatchScope } from "./pool.ts";
import type { ShaderTable } from "./shaders.ts";

/** Bytes of one kernel's parameters in the buffer of arguments: what a uniform binding's offset is a multiple of. */
export const SLOT = 256;
/** Bind groups that are kept; a training loop uses a few dozen over and over. */
const MAX_GROUPS = 2048;
const COMPUTE_STAGE = 4;

interface Layout {
  readonly id: number;
  readonly group: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
}

interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: Layout;
}

/** Compiled kernels and their bind groups, each made when it is first used. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #shaders: ShaderTable;
  readonly #arguments: GPUBuffer;
  readonly #watch: WatchScope;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #layouts = new Map<string, Layout>();
  readonly #compiled = new Map<string, Compiled>();
  readonly #groups = new Map<string, GPUBindGroup>();

  /** @param args the uniform buffer that holds the parameters of every command of a list */
  constructor(device: GPUDevice, shaders: ShaderTable, args: GPUBuffer, watch: WatchScope) {
    this.#device = device;
    this.#shaders = shaders;
    this.#arguments = args;
    this.#watch = watch;
  }

  /** The pipeline of a kernel and the bind group of its buffers. */
  bind(kernel: Kernel, blocks: readonly GpuBlock[]): { pipeline: GPUComputePipeline; group: GPUBindGroup } {
    const compiled = this.#compiled.get(kernel.name) ?? this.#compile(kernel);
    return { pipeline: compiled.pipeline, group: this.#groupOf(compiled.layout, kernel, blocks) };
  }

  /** Drops the bind groups: some of their buffers are gone. */
  forgetGroups(): void {
    this.#groups.clear();
  }

  #compile(kernel: Kernel): Compiled {
    const { name } = kernel;
    const { file, code } = this.#shaders.fileOf(name);
    const device = this.#device;
    device.pushErrorScope("validation");
    let module = this.#modules.get(file);
    if (module === undefined) {
      module = device.createShaderModule({ code, label: `${file}.wgsl` });
      this.#modules.set(file, module);
    }
    const layout = this.#layoutOf(kernel);
    const compute = { module, entryPoint: name };
    const pipeline = device.createComputePipeline({ layout: layout.pipeline, compute, label: name });
    this.#watch(
      device.popErrorScope(),
      (reason) => new DeviceError(`webgpu: the kernel ${name} (${file}.wgsl) does not compile here: ${reason}`),
    );
    const compiled = { pipeline, layout };
    this.#compiled.set(name, compiled);
    return compiled;
  }

  #layoutOf({ reads, writes }: Kernel): Layout {
    const key = `${reads.length},${writes.length}`;
    const known = this.#layouts.get(key);
    if (known) return known;
    const visibility = COMPUTE_STAGE;
    const group = this.#device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true } },
        ...reads.map((_, i) => ({
          binding: 1 + i,
          visibility,
          buffer: { type: "read-only-storage" as const },
        })),
        ...writes.map((_, i) => ({
          binding: 1 + reads.length + i,
          visibility,
          buffer: { type: "storage" as const },
        })),
      ],
    });
    const pipeline = this.#device.createPipelineLayout({ bindGroupLayouts: [group] });
    const layout = { id: this.#layouts.size, group, pipeline };
    this.#layouts.set(key, layout);
    return layout;
  }

  #groupOf(layout: Layout, kernel: Kernel, blocks: readonly GpuBlock[]): GPUBindGroup {
    let key = `${layout.id}`;
    for (const { id, address, bytes } of blocks) key += `,${id}:${address}:${bytes}`;
    const known = this.#groups.get(key);
    if (known) return known;
    if (this.#groups.size >= MAX_GROUPS) this.#groups.clear();
    const group = this.#device.createBindGroup({
      label: kernel.name,
      layout: layout.group,
      entries: [
        { binding: 0, resource: { buffer: this.#arguments, offset: 0, size: SLOT } },
        ...blocks.map(({ buffer, address, bytes }, i) => ({
          binding: 1 + i,
          resource: { buffer, offset: address, size: bytes },
        })),
      ],
    });
    this.#groups.set(key, group);
    return group;
  }
}
