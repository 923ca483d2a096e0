import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CpuBackend, createMemory } from "../../src/backend/cpu/cpu.ts";
import { instantiateKernels, scalarMathOf } from "../../src/backend/cpu/module.ts";
import { hostModuleOf } from "../../src/backend/cpu/host.ts";
import { Pool } from "../../src/backend/cpu/pool.ts";
import { Device } from "../../src/backend/device.ts";
import { OutOfMemoryError } from "../../src/core/errors.ts";
import { ones } from "../../src/create.ts";
import { unpackKernels } from "../../src/init/packedKernels.ts";
import packed from "../../build/kernels.wasm";
import { useCpu } from "../support/device.ts";

const pools = suite("CPU memory");
pools.before(useCpu);

const KIB = 1024;
const PAGES = 128;
const pool = () => new Pool(new WebAssembly.Memory({ initial: 64, maximum: PAGES }), 65536);

pools("blocks do not overlap and hold what was asked for", () => {
  const memory = pool();
  const blocks = [1, 64, 100, 1000, 5000, 70000].map((bytes) => ({ bytes, block: memory.allocate(bytes) }));
  let end = 65536;
  for (const { bytes, block } of blocks) {
    assert.ok(block.address >= end && block.bytes >= bytes);
    assert.is(block.address % 64, 0);
    end = block.address + block.bytes;
  }
});

pools("a freed block is handed out again, to the same size or a little less", () => {
  const memory = pool();
  const first = memory.allocate(10000);
  memory.free(first);
  assert.is(memory.allocate(10000), first);
  memory.free(first);
  assert.is(memory.allocate(9900), first);
});

pools("when nothing is left the error tells how much was asked for and is in use, and freeing helps", () => {
  const memory = pool();
  const blocks = [];
  try {
    for (;;) blocks.push(memory.allocate(512 * KIB));
  } catch (error) {
    assert.ok(
      error instanceof OutOfMemoryError && /no room for 524288 bytes: \d+ of \d+ bytes are in use/.test(error.message),
      String(error),
    );
  }
  assert.ok(blocks.length >= 12, `${blocks.length} blocks of 512 KiB in 8 MiB`);
  assert.throws(
    () => {
      for (;;) memory.allocate(300 * KIB);
    },
    (error: unknown) => error instanceof OutOfMemoryError,
  );
  const [one] = blocks;
  if (one) memory.free(one);
  assert.is(memory.allocate(300 * KIB), one, "a larger free block serves where nothing else can");
});

pools("an operation that does not fit throws, and the next one works", async () => {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: PAGES });
  const exports = await instantiateKernels(await WebAssembly.compile(unpackKernels(packed)), memory);
  const backend = new CpuBackend(exports, memory, PAGES);
  const device = new Device({
    type: "cpu",
    threads: 1,
    backend,
    math: scalarMathOf(exports),
    host: hostModuleOf(backend),
  });
  const x = ones([1000], { device });
  const big = ones([1 << 20], { device });
  const { used } = backend.pool;
  for (let i = 0; i < 3; i++)
    assert.throws(
      () => big.add(big),
      (error: unknown) => error instanceof OutOfMemoryError,
    );
  assert.equal((await x.add(1).data())[999], 2);
  big.dispose();
  assert.ok(backend.pool.used <= used + 64 * KIB, "what failed left nothing behind");
});

pools("the memory asked for shrinks until the engine grants it", () => {
  const { memory, maximumPages } = createMemory(4096);
  assert.is(maximumPages, 4096);
  assert.is(memory.buffer.byteLength, 64 * 65536);
});

pools.run();
