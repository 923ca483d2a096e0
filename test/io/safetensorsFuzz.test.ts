import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError } from "../../src/core/errors.ts";
import { parse } from "../../src/io/safetensors.ts";
import { BASES } from "../reliability/programs/corpus/bases.ts";
import { mutantOf } from "../reliability/programs/corpus/mutants.ts";
import { linesOf, slowSafetensors } from "./slowSafetensors.ts";

const fuzz = suite("safetensors, fuzz");

/** The lines of what `parse` returns, or undefined where it throws a FormatError. */
function fastLines(bytes: Uint8Array): string[] | undefined {
  try {
    const { tensors, metadata } = parse(bytes);
    return linesOf(tensors, metadata);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

fuzz("reads the unchanged files as the slow parser does", () => {
  for (const { bytes } of BASES.filter(({ kind }) => kind === "safetensors")) {
    const lines = fastLines(bytes);
    assert.ok(lines !== undefined && lines.length >= 3);
    assert.equal(lines, slowSafetensors(bytes));
  }
});

fuzz("agrees with the slow parser on 2,000 mutants and throws nothing but FormatError", () => {
  let [accepted, tried] = [0, 0];
  for (let seed = 0; tried < 2000; seed++) {
    const { kind, bytes } = mutantOf(seed);
    if (kind !== "safetensors") continue;
    const fast = fastLines(bytes);
    assert.equal(fast, slowSafetensors(bytes), `seed ${seed}`);
    if (fast !== undefined) accepted++;
    tried++;
  }
  // Both verdicts must come up often, or the agreement says little.
  assert.ok(accepted > 200 && accepted < 1800, `${accepted} of 2000 mutants were accepted`);
});

fuzz.run();
