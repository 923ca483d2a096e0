import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listAt, listNumbers } from "../../src/backend/cpu/threads/layout.ts";
import { Lists } from "../../src/backend/cpu/threads/list.ts";
import type { SharedBlock } from "../../src/backend/cpu/threads/shares.ts";
import type { Kernel } from "../../src/core/kernel.ts";
import { dense } from "../webgpu/cases/dense.ts";
import { elementwise } from "../webgpu/cases/elementwise.ts";

const lists = suite("lists of commands");

const THREADS = 3;
const kernelOf = (name: string): Kernel =>
  [...elementwise, ...dense].find(({ kernel }) => kernel.name === name)?.kernel as Kernel;
const [add, dropout] = [kernelOf("add"), kernelOf("dropout")];
const N = 90_000; // elements: enough to be worth dividing
const BYTES = 4 * N;

/** What is varied between lists that are filled alike. */
interface Variation {
  /** Where the blocks lie. */
  readonly at: number;
  readonly n?: number;
  readonly seed?: number;
  /** Whether the last command reads what the first has written, or something else. */
  readonly reads?: "result" | "other";
  /** Where in a block its parts lie. */
  readonly part?: number;
}

/** The numbers of a list as threads find them, filled with some commands and host bytes. */
function filled(room: Lists, { at, n = N, seed = 1, reads = "result", part = 0 }: Variation): Float64Array {
  const block = (i: number): SharedBlock => ({ address: at + i * 4 * BYTES, bytes: BYTES });
  const partOf = (i: number, offset: number): SharedBlock => {
    return { address: block(i).address + part + offset, bytes: 64, whole: block(i).address };
  };
  const list = room.take();
  list.add(add, [block(0), block(1), block(2)], [n, 1, 1]);
  list.add(
    dropout,
    [block(2), block(3)],
    dropout.params.map(([name]) => (name === "n" ? n : seed)),
  );
  list.write(block(4), 0, Uint8Array.of(1, 2, 3));
  list.write(partOf(5, 0), 0, Uint8Array.of(7));
  list.write(partOf(5, 64), 0, Uint8Array.of(8));
  list.write(partOf(5, 32), 0, Uint8Array.of(9)); // over half of the first
  list.add(add, [block(reads === "result" ? 3 : 6), block(4), block(7)], [1, 1, 1]);
  const numbers = new Float64Array(listNumbers(THREADS));
  list.copyTo(numbers, listAt(0, THREADS), 5);
  room.giveBack(list);
  return numbers;
}

const newRoom = (): Lists =>
  new Lists(THREADS, (name) => [...name].reduce((sum, c) => sum * 3 + c.charCodeAt(0), 0) % 99);

const VARIATIONS: readonly Variation[] = [
  { at: 1 << 20 },
  { at: 1 << 24 },
  { at: 1 << 20, seed: 2 },
  { at: 1 << 24, n: 50_000 },
  { at: 1 << 20, reads: "other" },
  { at: 1 << 20, part: 512 },
  { at: 1 << 24, n: 10 },
  { at: 1 << 20 },
];

lists("what is known of lists before gives the same commands as finding it out", () => {
  const room = newRoom();
  for (const variation of [...VARIATIONS, ...VARIATIONS])
    assert.equal(filled(room, variation), filled(newRoom(), variation), JSON.stringify(variation));
});

lists("lists that differ in what they compute, where or on what are not taken for each other", () => {
  const found = VARIATIONS.slice(0, -1).map((variation) => filled(newRoom(), variation).join());
  assert.is(new Set(found).size, found.length);
});

lists("thousands of lists that are all different are forgotten in time, and come out right", () => {
  const room = newRoom();
  for (let i = 0; i < 1500; i++) filled(room, { at: 1 << 20, n: 20_000 + i }); // seven divisions each
  const [last] = VARIATIONS as [Variation];
  assert.equal(filled(room, last), filled(newRoom(), last));
});

lists.run();
