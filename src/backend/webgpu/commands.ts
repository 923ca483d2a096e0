import type { Kernel, ParamType } from "../../core/kernel.ts";
import { SLOT } from "./pipelines.ts";

/** A copy between buffers; offsets and bytes are multiples of 4. */
export interface Copy {
  readonly source: GPUBuffer;
  readonly from: number;
  readonly target: GPUBuffer;
  readonly to: number;
  readonly bytes: number;
}

/** A kernel with everything bound; `slot` is where its parameters lie in the buffer of arguments. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly slot: number;
  readonly workgroups: number;
}

type Command = Copy | Dispatch;

/** Slots of the buffer of arguments: commands with parameters, and small writes, that one list may hold. */
const SLOTS = 512;
const USAGE = { uniform: 0x40, copyTarget: 0x8, copySource: 0x4 };

/**
 * The list of commands that is under way: kernels and copies in their order, and one buffer with all of their arguments, which
 * travels once per submit.
 */
export class CommandList {
  /** Uniforms of all kernels of a list, and the contents of small writes. */
  readonly arguments: GPUBuffer;
  dispatches = 0;
  readonly #device: GPUDevice;
  readonly #bytes = new ArrayBuffer(SLOTS * SLOT);
  readonly #words = new Uint32Array(this.#bytes);
  readonly #integers = new Int32Array(this.#bytes);
  readonly #floats = new Float32Array(this.#bytes);
  readonly #commands: Command[] = [];
  #used = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.arguments = device.createBuffer({
      label: "arguments",
      size: SLOTS * SLOT,
      usage: USAGE.uniform | USAGE.copyTarget | USAGE.copySource,
    });
  }

  get isEmpty(): boolean {
    return this.#commands.length === 0;
  }

  /** Whether arguments of that many bytes still fit. */
  hasRoom(bytes: number): boolean {
    return this.#used + Math.ceil(bytes / SLOT) * SLOT <= SLOTS * SLOT;
  }

  /** Puts a kernel's parameters by; returns their slot's offset. */
  params(kernel: Kernel, values: readonly number[]): number {
    const slot = this.#take(SLOT);
    kernel.params.forEach(([, type], i) => {
      this.#store(type, slot / 4 + i, values[i] as number);
    });
    return slot;
  }

  #store(type: ParamType, word: number, value: number): void {
    if (type === "f32") this.#floats[word] = value;
    else if (type === "i32") this.#integers[word] = value;
    else this.#words[word] = value;
  }

  /** Puts the bytes of a small write by; returns their offset. */
  stage(bytes: Uint8Array): number {
    const at = this.#take(bytes.length);
    new Uint8Array(this.#bytes).set(bytes, at);
    return at;
  }

  #take(bytes: number): number {
    const at = this.#used;
    this.#used += Math.ceil(bytes / SLOT) * SLOT;
    return at;
  }

  push(command: Command): void {
    this.#commands.push(command);
    if ("pipeline" in command) this.dispatches++;
  }

  /** Encodes and submits the list, and begins the next one. */
  submit(): void {
    const { queue } = this.#device;
    if (this.#used > 0) queue.writeBuffer(this.arguments, 0, this.#bytes, 0, this.#used);
    const encoder = this.#device.createCommandEncoder();
    let pass: GPUComputePassEncoder | undefined;
    for (const command of this.#commands) {
      if ("pipeline" in command) {
        pass ??= encoder.beginComputePass();
        pass.setPipeline(command.pipeline);
        pass.setBindGroup(0, command.group, [command.slot]);
        pass.dispatchWorkgroups(command.workgroups);
      } else {
        pass?.end();
        pass = undefined;
        encoder.copyBufferToBuffer(command.source, command.from, command.target, command.to, command.bytes);
      }
    }
    pass?.end();
    queue.submit([encoder.finish()]);
    this.#commands.length = 0;
    this.#used = 0;
  }
}
