import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError } from "../../src/core/errors.ts";
import { parse, serialize } from "../../src/io/safetensors.ts";
import { f32, file } from "./safetensorsFile.ts";
import { linesOf, slowSafetensors } from "./slowSafetensors.ts";

const fuzz = suite("safetensors, fuzz");

/** xorshift32: whole numbers below `n`. */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const BASES: readonly Uint8Array[] = [
  serialize(
    [
      ["weight", { dtype: "F32", shape: [2, 3], data: new Float32Array(6).fill(1.5) }],
      ["é\ud800", { dtype: "BF16", shape: [3], data: new Uint16Array([1, 2, 3]) }],
      ["empty", { dtype: "I64", shape: [0, 7], data: new BigInt64Array(0) }],
      ["", { dtype: "U8", shape: [], data: new Uint8Array([9]) }],
    ],
    { format: "pt", "\n": "\\" },
  ),
  file(`{ "a":${f32("[1]", 0, 4)},\t"b" : ${f32("[ 1 , 2 ]", 4, 12)}, "\\u0061b":${f32("[0]", 4, 4)} }   `, 12),
  file(`{"a":${f32("[1]", 4, 8)},"b":${f32("[1]", 0, 4)},"c":${f32("[1]", 8, 12)},"__metadata__":{}}`, 12),
];

const TEXTS = [
  "0",
  "1",
  "4",
  "8",
  "12",
  "-1",
  "1.0",
  "1e2",
  "9007199254740992",
  "[",
  "]",
  "{",
  "}",
  ",",
  '"',
  "\\",
  " ",
];
const WORDS = [
  '"a"',
  '"b"',
  '"dtype"',
  '"shape"',
  '"F32"',
  '"U32"',
  '"F16"',
  '"__metadata__"',
  "null",
  "\n",
  "\\u0061",
  "é",
];

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bytes.subarray(0, at), ...added, ...bytes.subarray(at + removed)]);
}

/** Sets the length before the header, if it is still there, so that a changed header is read to its end. */
function withLength(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= 8) new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  return bytes;
}

/** Changes one thing in a file: most often in its header. */
function mutate(base: Uint8Array, random: (n: number) => number): Uint8Array<ArrayBuffer> {
  const told = Number(new DataView(base.buffer, base.byteOffset).getBigUint64(0, true));
  const header = Math.max(1, Math.min(told, base.length - 8));
  const at = 8 + random(header);
  const text = new TextEncoder().encode(random(2) === 0 ? TEXTS[random(TEXTS.length)] : WORDS[random(WORDS.length)]);
  switch (random(10)) {
    case 0: // a bit anywhere, most of them in the header
    case 1: {
      const bytes = Uint8Array.from(base);
      const place = random(3) === 0 ? random(bytes.length) : at;
      bytes[place] = (bytes[place] ?? 0) ^ (1 << random(8));
      return bytes;
    }
    case 2: // a cut
      return base.slice(0, random(base.length));
    case 3: // a piece of the file in another place
      return spliced(base, random(base.length), random(3), base.subarray(at, at + random(12)));
    case 4: // a lie about the length
      return withLength(Uint8Array.from(base), random(4) === 0 ? random(2 ** 32) : header - 8 + random(17));
    case 5: {
      // a digit
      const digits = Array.from(base.keys()).filter((i) => i >= 8 && (base[i] ?? 0) >= 0x30 && (base[i] ?? 0) <= 0x39);
      return spliced(base, digits[random(digits.length)] ?? 8, 1, new Uint8Array([0x30 + random(10)]));
    }
    case 6: // a byte less or a text more, told in the length
      return random(3) === 0
        ? withLength(spliced(base, at, 1, new Uint8Array(0)), header - 1)
        : withLength(spliced(base, at, 0, text), header + text.length);
    case 7: {
      // white space beside punctuation, which the format allows
      const marks = Array.from(base.keys()).filter(
        (i) => i > 8 && i < 8 + header && [0x2c, 0x3a].includes(base[i] ?? 0),
      );
      return withLength(spliced(base, marks[random(marks.length)] ?? at, 0, new Uint8Array([0x20])), header + 1);
    }
    case 8: {
      // a bit of the data
      const bytes = Uint8Array.from(base);
      const place = Math.min(8 + header + random(12), base.length - 1);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << random(8));
      return bytes;
    }
    default: // a text for as many bytes
      return spliced(base, at, text.length, text);
  }
}

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
  for (const base of BASES) {
    const lines = fastLines(base);
    assert.ok(lines !== undefined && lines.length >= 3);
    assert.equal(lines, slowSafetensors(base));
  }
});

fuzz("agrees with the slow parser on 2,000 mutants and throws nothing but FormatError", () => {
  let accepted = 0;
  for (let seed = 1; seed <= 2000; seed++) {
    const random = generator(Math.imul(seed, 0x9e3779b1));
    let bytes = mutate(BASES[seed % BASES.length] ?? new Uint8Array(8), random);
    if (random(4) === 0 && bytes.length > 40) bytes = mutate(bytes, random);
    const fast = fastLines(bytes);
    assert.equal(fast, slowSafetensors(bytes), `seed ${seed}`);
    if (fast !== undefined) accepted++;
  }
  // Both verdicts must come up often, or the agreement says little.
  assert.ok(accepted > 200 && accepted < 1800, `${accepted} of 2000 mutants were accepted`);
});

fuzz.run();
