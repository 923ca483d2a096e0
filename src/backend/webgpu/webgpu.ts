import type { ArrayClass, TypedArray } from "../../core/dtype.ts";
import { DeviceError, DeviceLostError, type TorchletError } from "../../core/errors.ts";
import type { Kernel, WORKGROUP as KERNEL_WORKGROUP } from "../../core/kernel.ts";
import type { Backend, Block } from "../backend.ts";
import { CommandList } from "./commands.ts";
import { Pipelines, SLOT } from "./pipelines.ts";
import { BufferPool, GpuBlock, type WatchScope } from "./pool.ts";
import { Readback } from "./readback.ts";
import { type Shaders, ShaderTable, type Tiling } from "./shaders.ts";

/** The kernels' own: imported as a type alone, for what two files import, bundlers make a third. */
const WORKGROUP: typeof KERNEL_WORKGROUP = 64;
/** Workgroups of one dispatch at most; loops in the shaders are grid-stride, so fewer than asked for are enough. */
const MAX_WORKGROUPS = 65535;
/** Bytes that intermediate results may hold. No WebGPU implementation tells how much memory there is. */
const BUDGET = 512 << 20;
/** Writes up to this many bytes wait in the list; larger ones end it and go by themselves. */
const SMALL_WRITE = 16384;
/** Submits under way before `flush` waits: enough to keep the device busy, few enough to stop soon. */
const MAX_IN_FLIGHT = 4;
/** Within this time after another failure the device tells if it was lost. */
const LOSS_MS = 100;

/** What a backend counts, for tests and `diagnose`. */
export interface Counters {
  readonly submits: number;
  readonly dispatches: number;
  readonly maps: number;
  readonly buffersCreated: number;
  readonly buffersDestroyed: number;
}

/**
 * A WebGPU device: buffers from a pool, kernels queued in a list that is encoded and submitted at once. The only reliable
 * sign of a lost device is `device.lost`, so every wait races against it.
 */
export class WebGpuBackend implements Backend {
  readonly budget: number = BUDGET;
  readonly readsAtOnce = false;
  readonly device: GPUDevice;
  readonly tiling: Tiling;
  readonly #list: CommandList;
  readonly #pool: BufferPool;
  readonly #pipelines: Pipelines;
  readonly #readback: Readback;
  /** Buffers that the list under way uses, by their ids. */
  readonly #touched = new Set<number>();
  readonly #inFlight: Promise<unknown>[] = [];
  /** What to tell those who wait, should the device be lost. */
  readonly #waiting = new Set<(error: DeviceLostError) => void>();
  #submits = 0;
  #lost: DeviceLostError | undefined;
  #failure: TorchletError | undefined;
  /** Settled when every error scope so far has been heard. */
  #scopes: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice, shaders: Shaders, tiling: Tiling) {
    this.device = device;
    this.tiling = tiling;
    this.#list = new CommandList(device);
    this.#pool = new BufferPool(device, this.#watch);
    this.#pipelines = new Pipelines(device, new ShaderTable(shaders, tiling), this.#list.arguments, this.#watch);
    this.#readback = new Readback(device);
    device.lost.then(({ reason, message }) => {
      this.#lost = new DeviceLostError(
        `webgpu: the device was lost (${reason}): ${message || "no reason given"}; what it held is gone. fit() goes on by itself; elsewhere call init() again and load a saved state`,
      );
      for (const reject of this.#waiting) reject(this.#lost);
    });
  }

  get counters(): Counters {
    return {
      submits: this.#submits,
      dispatches: this.#list.dispatches,
      maps: this.#readback.maps,
      buffersCreated: this.#pool.created,
      buffersDestroyed: this.#pool.destroyed,
    };
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Ends the device; everything on it is lost. */
  destroy(): void {
    this.device.destroy();
  }

  allocate(bytes: number): GpuBlock {
    this.#check();
    return this.#pool.allocate(bytes);
  }

  free(block: Block): void {
    this.#pool.free(gpu(block));
  }

  part(block: Block, offset: number, bytes: number): GpuBlock {
    const { buffer, id, address } = gpu(block);
    return new GpuBlock(buffer, id, address + offset, Math.ceil(bytes / 4) * 4);
  }

  write(block: Block, offset: number, data: TypedArray): void {
    this.#check();
    if (data.length === 0) return;
    const { buffer, id, address } = gpu(block);
    const whole = padded(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const touched = this.#touched.has(id);
    if (touched && whole.length <= SMALL_WRITE) {
      if (!this.#list.hasRoom(whole.length)) this.#submit();
      const from = this.#list.stage(whole);
      this.#list.push({
        source: this.#list.arguments,
        from,
        target: buffer,
        to: address + offset,
        bytes: whole.length,
      });
      this.#touched.add(id);
      return;
    }
    // The queue runs it before the list that is not submitted yet, which does not use this buffer.
    if (touched) this.#submit();
    this.device.queue.writeBuffer(buffer, address + offset, whole);
  }

  read(block: Block, offset: number, n: number, Elements: ArrayClass): Promise<TypedArray> {
    if (this.#lost) return Promise.reject(this.#lost);
    if (n === 0) return Promise.resolve(new Elements(0));
    if (!this.#readback.isWaiting) queueMicrotask(() => this.#collect());
    const { copy, bytes } = this.#readback.request(gpu(block), offset, n * Elements.BYTES_PER_ELEMENT);
    this.#list.push(copy);
    this.#touched.add(gpu(block).id);
    return bytes.then((read) => new Elements(read.buffer, read.byteOffset, n));
  }

  run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void {
    this.#check();
    const threads = kernel.threads(params);
    if (threads === 0) return;
    if (!this.#list.hasRoom(SLOT)) this.#submit();
    const given = blocks.map(gpu);
    const bound = this.#unaliased(kernel, given);
    const slot = this.#list.params(kernel, params);
    const workgroups = Math.min(Math.ceil(threads / WORKGROUP), MAX_WORKGROUPS);
    this.#list.push({ ...this.#pipelines.bind(kernel, bound), slot, workgroups });
    for (const [i, block] of bound.entries()) {
      this.#touched.add(block.id);
      if (block !== given[i]) this.#pool.free(block); // a copy, for later commands: the list runs in order
    }
  }

  /** One buffer may not be read and written by one kernel: what is read is copied aside first. */
  #unaliased(kernel: Kernel, blocks: readonly GpuBlock[]): readonly GpuBlock[] {
    const reads = kernel.reads.length;
    const written = blocks.slice(reads);
    const ids = new Set(written.map(({ id }) => id));
    if (written.some((block, i) => written.some((other, k) => k > i && overlaps(block, other))))
      throw new DeviceError(`webgpu: ${kernel.name} was to write the same bytes under two names`);
    return blocks.map((block, i) => {
      if (i >= reads || !ids.has(block.id)) return block;
      const aside = this.#pool.allocate(block.bytes);
      this.#list.push({ source: block.buffer, from: block.address, target: aside.buffer, to: 0, bytes: block.bytes });
      return aside;
    });
  }

  flush(): Promise<void> | undefined {
    this.#check();
    this.#submit();
    return this.#inFlight.length >= MAX_IN_FLIGHT || this.#failure ? this.#roomForMore() : undefined;
  }

  async #roomForMore(): Promise<void> {
    while (this.#inFlight.length >= MAX_IN_FLIGHT) await this.#wait(this.#inFlight[0] as Promise<unknown>);
    this.#raise();
  }

  /** Resolves when everything queued so far has run. @throws DeviceLostError DeviceError OutOfMemoryError */
  async finish(): Promise<void> {
    this.#check();
    this.#submit();
    await this.#wait(Promise.all([...this.#inFlight, this.#scopes]));
    this.#raise();
  }

  #submit(): void {
    if (this.#list.isEmpty || this.#lost) return;
    this.device.pushErrorScope("validation");
    this.#list.submit();
    this.#watch(
      this.device.popErrorScope(),
      (reason) => new DeviceError(`webgpu: a list of commands was refused: ${reason}`),
    );
    this.#submits++;
    this.#touched.clear();
    const done = this.device.queue.onSubmittedWorkDone().catch(() => undefined);
    this.#inFlight.push(done);
    done.then(() => this.#inFlight.splice(this.#inFlight.indexOf(done), 1));
    if (this.#pool.trim()) this.#pipelines.forgetGroups();
  }

  readonly #watch: WatchScope = (scope, say) => {
    const told = scope.then(
      (error) => {
        if (!error) return;
        const failure = say(error.message);
        this.#failure ??= failure;
      },
      () => undefined, // a device that was lost has no errors left to tell
    );
    this.#scopes = this.#scopes.then(() => told); // not Promise.all: its values would pile up, one inside the other
  };

  #collect(): void {
    this.#submit();
    const wait = async <T>(promise: Promise<T>): Promise<T> => {
      const [value] = await this.#wait(Promise.all([promise, this.#scopes]));
      this.#raise();
      return value;
    };
    void this.#readback.collect(wait);
  }

  /** A promise's value, unless the device is lost first. */
  #wait<T>(promise: Promise<T>): Promise<T> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      promise.then(
        (value) => {
          this.#waiting.delete(reject);
          resolve(value);
        },
        (error) => {
          // Mapping fails at a loss too, with an error that does not say so, and may do it first.
          setTimeout(() => {
            this.#waiting.delete(reject);
            reject(error);
          }, LOSS_MS);
        },
      );
    });
  }

  #check(): void {
    if (this.#lost) throw this.#lost;
  }

  /** Throws, once, what an error scope caught. */
  #raise(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }
}

const gpu = (block: Block): GpuBlock => {
  if (block instanceof GpuBlock) return block;
  throw new DeviceError("webgpu: a block of another device was passed");
};

/** Whether two blocks share bytes: parts of one buffer that do not may be written at once. */
const overlaps = (a: GpuBlock, b: GpuBlock): boolean =>
  a.id === b.id && a.address < b.address + b.bytes && b.address < a.address + a.bytes;

/** The bytes, padded with zeros to whole words. */
function padded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length % 4 === 0) return bytes as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}
