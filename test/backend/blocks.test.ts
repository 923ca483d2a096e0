import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createMemory } from "../../src/backend/cpu/cpu.ts";
import { Pool } from "../../src/backend/cpu/pool.ts";
import { Blocks } from "../../src/backend/cpu/threads/blocks.ts";

const blocks = suite("blocks of the threads' memory");

const KIB = 1024;

/** A pool of 64 MiB at most, of which blocks of 64 KiB may wait for their lists. */
function make(): { pool: Pool; blocks: Blocks } {
  const { memory } = createMemory(1024);
  const pool = new Pool(memory, 0);
  return { pool, blocks: new Blocks(pool, 64 * KIB) };
}

blocks("what is freed is handed out again once the lists that may use it are finished", () => {
  const { blocks } = make();
  const first = blocks.allocate(KIB);
  blocks.free(first, 2);
  assert.is.not(blocks.allocate(KIB).address, first.address);
  blocks.finish(1);
  assert.is.not(blocks.allocate(KIB).address, first.address);
  blocks.finish(2);
  assert.is(blocks.allocate(KIB).address, first.address);
});

blocks("what no list uses is handed out at once", () => {
  const { blocks } = make();
  const first = blocks.allocate(KIB);
  blocks.free(first, 0);
  assert.is(blocks.allocate(KIB).address, first.address);
});

blocks("a block is untouched until a command is given it", () => {
  const { blocks } = make();
  const block = blocks.allocate(KIB);
  assert.ok(blocks.isUntouched(block));
  blocks.touch(block.address);
  assert.not(blocks.isUntouched(block));
});

blocks("more than may wait is handed out early, and is not taken for untouched until its lists are finished", () => {
  const { pool, blocks } = make();
  const large = blocks.allocate(65 * KIB);
  blocks.free(large, 1);
  const again = blocks.allocate(65 * KIB);
  assert.is(again.address, large.address);
  assert.not(blocks.isUntouched(again));
  blocks.finish(1);
  assert.ok(blocks.isUntouched(blocks.allocate(KIB)));
  assert.ok(pool.used > 0);
});

blocks("where there is no room otherwise, blocks that wait are handed out early", () => {
  const { memory } = createMemory(1024);
  const blocks = new Blocks(new Pool(memory, 0), Number.POSITIVE_INFINITY);
  const large = blocks.allocate(48 * KIB * KIB);
  blocks.free(large, 1);
  assert.is(blocks.allocate(48 * KIB * KIB).address, large.address);
  assert.throws(() => blocks.allocate(48 * KIB * KIB), /no room/);
});

blocks.run();
