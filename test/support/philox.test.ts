import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readJson } from "./files.ts";
import { keepMask, philox } from "./philox.ts";
import { sha256 } from "./sha256.ts";

interface Block {
  counter: string[];
  key: string[];
  out: string[];
}

interface Golden {
  kat_random123: Block[];
  random: Block[];
  proposed_dropout_layout_masks: {
    seed: string;
    offset: string;
    p: number;
    n: number;
    kept: number;
    first64: string;
    sha256_u8: string;
  }[];
}

const golden = await readJson<Golden>("test/golden/philox.json");
const words = (digits: string[]) => digits.map((text) => Number.parseInt(text, 16));
const oracle = suite("philox");

oracle("gives the published answers of Random123", () => {
  assert.is(golden.kat_random123.length, 3);
  for (const { counter, key, out } of golden.kat_random123)
    assert.equal(philox(words(counter), words(key)), words(out));
});

oracle("agrees with an independent implementation on random counters and keys", () => {
  assert.is(golden.random.length, 32);
  for (const { counter, key, out } of golden.random) assert.equal(philox(words(counter), words(key)), words(out));
});

for (const mask of golden.proposed_dropout_layout_masks) {
  const { seed, offset, p, n } = mask;
  oracle(`lays out the mask of seed ${seed}, offset ${offset}, p ${p}, n ${n}`, async () => {
    const kept = keepMask(BigInt(seed), BigInt(offset), p, n);
    assert.is(kept.subarray(0, 64).join(""), mask.first64);
    assert.is(
      kept.reduce((sum, bit) => sum + bit, 0),
      mask.kept,
    );
    assert.is(await sha256(kept), mask.sha256_u8);
  });
}

oracle.run();
