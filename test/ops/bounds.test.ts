import { suite } from "uvu";
import * as assert from "uvu/assert";
import { noGrad } from "../../src/autograd.ts";
import type { Block } from "../../src/backend/backend.ts";
import type { CpuBackend } from "../../src/backend/cpu/cpu.ts";
import { ones } from "../../src/create.ts";
import { init } from "../../src/index.ts";
import { readJson } from "../support/files.ts";
import { fromStored, type GoldenCase, nameOf, RUNS, type Stored } from "../support/golden.ts";
import { readTensors, type StoredTensor } from "../support/tensors.ts";

const CANARY = 0x5a;
const CANARY_BYTES = 64;

/** A pool of the CPU whose blocks end with bytes that no kernel may touch. */
class Guard {
  readonly #live = new Map<number, { bytes: number; block: Block }>();
  readonly #backend: CpuBackend;
  touched = 0;

  constructor(backend: CpuBackend) {
    this.#backend = backend;
    const { pool } = backend;
    const [allocate, free] = [pool.allocate.bind(pool), pool.free.bind(pool)];
    pool.allocate = (bytes) => {
      backend.finish(); // what is queued may still write to a block that is free
      const block = allocate(bytes + CANARY_BYTES);
      this.#behind({ bytes, block }).fill(CANARY);
      this.#live.set(block.address, { bytes, block });
      return { address: block.address, bytes }; // as if the block ended where its tensor does
    };
    pool.free = (given) => {
      backend.finish();
      this.#check(given.address);
      free(this.#live.get(given.address)?.block ?? given); // older than the guard: as it is
      this.#live.delete(given.address);
    };
  }

  /** Gives the pool its own methods back. */
  end(): void {
    const { pool } = this.#backend;
    Reflect.deleteProperty(pool, "allocate");
    Reflect.deleteProperty(pool, "free");
  }

  /** Bytes that are in use. */
  get used(): number {
    return this.#backend.pool.used;
  }

  /** How many blocks have been written behind since the last call. */
  take(): number {
    this.#backend.finish();
    for (const address of this.#live.keys()) this.#check(address);
    const found = this.touched;
    this.touched = 0;
    return found;
  }

  #behind({ bytes, block }: { bytes: number; block: Block }): Uint8Array {
    return new Uint8Array(this.#backend.memory.buffer, block.address + bytes, block.bytes - bytes);
  }

  #check(address: number): void {
    const known = this.#live.get(address);
    if (known === undefined) return;
    const behind = this.#behind(known);
    if (behind.some((byte) => byte !== CANARY)) this.touched++;
    behind.fill(CANARY);
  }
}

const bounds = suite<{ guard: Guard }>("bounds of tensors");

bounds.before(async (context) => {
  context.guard = new Guard((await init({ device: "cpu", threads: 1 })).backend as CpuBackend);
});
bounds.after(({ guard }) => guard.end());

const { cases } = await readJson<{ cases: GoldenCase[] }>("test/golden/ops.json");
const tensors = await readTensors("test/golden/ops.safetensors");
const stored = (where: Stored): StoredTensor => tensors.get(nameOf(where)) as StoredTensor;

/** Runs a case with the gradients of the inputs named. */
async function compute({ op, inputs, attrs, gout }: GoldenCase, needed: readonly string[]): Promise<void> {
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, where]) => {
      const input = fromStored(stored(where));
      if (needed.includes(name)) input.requiresGrad = true;
      return [name, input];
    }),
  );
  const output = RUNS[op]?.(given, attrs);
  if (needed.length > 0 && gout !== undefined) output?.backward(fromStored(stored(gout)));
  await output?.data();
  await Promise.all(Object.values(given).map((input) => input?.grad?.data()));
}

for (const each of cases.filter(({ op }) => RUNS[op] !== undefined))
  bounds(`${each.name} writes nothing behind its tensors, whichever gradients are asked for`, async ({ guard }) => {
    const names = Object.keys(each.grads ?? {});
    for (const needed of [[], ...names.map((name) => [name]), names]) {
      await compute(each, needed);
      assert.is(guard.take(), 0, `gradients of [${needed}]`);
    }
  });

bounds("a view of a turned matrix takes no memory", async ({ guard }) => {
  const turned = ones([3, 4]).add(1).t();
  // Inside a call nothing is recycled, whatever the tests before have left.
  const { views, more } = noGrad(() => {
    const before = guard.used;
    const made = [
      turned.detach(),
      turned.t(),
      turned.transpose(0, 1),
      turned.unsqueeze(1),
      turned.unsqueeze(0).squeeze(0),
    ];
    return { views: made, more: guard.used - before };
  });
  assert.is(more, 0);
  assert.equal(await views[0]?.data(), new Float32Array(12).fill(2));
});

bounds.run();
