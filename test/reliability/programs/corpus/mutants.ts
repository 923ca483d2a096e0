import { BASES, type Base, type Kind } from "./bases.ts";
import { generator, pick } from "./random.ts";

/** The ways to change a file. */
export const CLASSES = ["bit flip", "cut", "splice", "length lie", "number swap"] as const;

/** A changed file. */
export interface Mutant {
  readonly kind: Kind;
  readonly change: (typeof CLASSES)[number];
  /** Whether the change is in a header, an offset or a length. */
  readonly isInHead: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type Random = (n: number) => number;
type Bytes = Uint8Array<ArrayBuffer>;

const WORDS = [
  ...[
    '"a"',
    '"b"',
    '"dtype"',
    '"shape"',
    '"F32"',
    '"U32"',
    '"F16"',
    '"__metadata__"',
    "null",
    "\\u0061",
    "\\ud800",
    "é",
  ],
  ...[
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
    "\n",
    ":",
  ],
];
const NUMBERS = [
  "0",
  "1",
  "2",
  "3",
  "4",
  "6",
  "8",
  "12",
  "76",
  "4294967296",
  "9007199254740991",
  "18446744073709551617",
  "00",
];
const LIES = [0, 1, 2, 3, 4, 5, 7, 8, 16, 255, 256, 65535, 65536, 2 ** 24, 2 ** 31, 2 ** 32 - 4, 2 ** 32 - 1];

/** A place in the head (or the tail), or one in the data. */
function placeIn({ bytes, head, tail }: Base, isInHead: boolean, random: Random): number {
  const data = bytes.length - head - tail;
  if (!isInHead && data > 0) return head + random(data);
  const at = random(head + tail);
  return at < head ? at : at + data;
}

function spliced(bytes: Bytes, at: number, removed: number, added: Uint8Array): Bytes {
  return Uint8Array.from([...bytes.subarray(0, at), ...added, ...bytes.subarray(at + removed)]);
}

/** Tells a safetensors file's new header length, so that the change is read to its end. */
function told({ kind, head }: Base, bytes: Bytes, more: number): Bytes {
  if (kind === "safetensors" && bytes.length >= 8) new DataView(bytes.buffer).setUint32(0, head - 8 + more, true);
  return bytes;
}

function flip(base: Base, isInHead: boolean, random: Random): Bytes {
  const bytes = Uint8Array.from(base.bytes);
  const at = placeIn(base, isInHead, random);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
  return bytes;
}

function cut(base: Base, isInHead: boolean, random: Random): Bytes {
  const at = placeIn(base, isInHead, random);
  if (random(2) === 0) return base.bytes.slice(0, at);
  const count = 1 + random(4);
  const rest = spliced(base.bytes, at, count, new Uint8Array(0));
  return isInHead && at >= 8 && random(2) === 0 ? told(base, rest, -count) : rest;
}

function splice(base: Base, isInHead: boolean, random: Random): Bytes {
  const at = placeIn(base, isInHead, random);
  const other = pick(BASES, random).bytes;
  const from = random(other.length);
  const isWord = base.kind === "safetensors" && random(3) > 0;
  const piece = isWord ? new TextEncoder().encode(pick(WORDS, random)) : other.slice(from, from + 1 + random(12));
  if (random(2) === 0) return spliced(base.bytes, at, piece.length, piece);
  const longer = spliced(base.bytes, at, 0, piece);
  return isInHead && at >= 8 && random(4) > 0 ? told(base, longer, piece.length) : longer;
}

/** Where the numbers of a binary head start, and their bytes. */
function numbersOf({ kind, bytes, head }: Base): [at: number, size: number][] {
  if (kind === "idx")
    return [[3, 1], ...Array.from({ length: (head - 4) / 4 }, (_, d): [number, number] => [4 + 4 * d, 4])];
  const end = bytes.length;
  const lengths: [number, number][] = [
    [end - 4, 4],
    [end - 8, 4],
    [4, 4],
    [3, 1],
    [head, 1],
  ];
  return head > 10 ? [...lengths, [10, 2], [head + 1, 2], [head + 3, 2]] : lengths;
}

function lie(base: Base, random: Random): Bytes {
  const bytes = Uint8Array.from(base.bytes);
  if (base.kind === "safetensors") {
    if (random(4) === 0) bytes[4 + random(4)] = 1 + random(255);
    const near = base.head - 8 - 8 + random(17);
    new DataView(bytes.buffer).setUint32(0, random(3) === 0 ? pick(LIES, random) : near, true);
    return bytes;
  }
  const [at, size] = pick(numbersOf(base), random);
  if (base.kind === "idx" && random(4) === 0) bytes[3] = random(10);
  const value = random(2) === 0 ? pick(LIES, random) : (bytes[at + size - 1] ?? 0) + random(5) - 2;
  const order = base.kind === "idx" ? (i: number) => size - 1 - i : (i: number) => i;
  for (let i = 0; i < size; i++) bytes[at + order(i)] = Math.floor(value / 256 ** i);
  return bytes;
}

/** The numbers in the header's text. */
function textNumbers({ bytes, head }: Base): [at: number, size: number][] {
  const text = Array.from(bytes.subarray(8, head), (byte) => String.fromCharCode(byte)).join("");
  return Array.from(text.matchAll(/\d+/g), (match) => [8 + match.index, match[0].length]);
}

function swap(base: Base, random: Random): Bytes {
  const places = base.kind === "safetensors" ? textNumbers(base) : numbersOf(base);
  const [first, second] = [pick(places, random), pick(places, random)].sort(([a], [b]) => a - b);
  if (first === undefined || second === undefined) return base.bytes.slice();
  const piece = ([at, size]: [number, number]): Bytes => base.bytes.slice(at, at + size);
  if (base.kind === "safetensors" && random(2) === 0) {
    const text = new TextEncoder().encode(pick(NUMBERS, random));
    return told(base, spliced(base.bytes, first[0], first[1], text), text.length - first[1]);
  }
  if (first[0] + first[1] > second[0]) return base.bytes.slice();
  const later = spliced(base.bytes, second[0], second[1], piece(first));
  return spliced(later, first[0], first[1], piece(second));
}

/** Changes one thing in a file. */
function change(base: Base, index: number, random: Random): Omit<Mutant, "kind"> {
  const change = CLASSES[index % CLASSES.length] ?? "cut";
  const isInHead = random(10) < 6;
  if (change === "bit flip") return { change, isInHead, bytes: flip(base, isInHead, random) };
  if (change === "cut") return { change, isInHead, bytes: cut(base, isInHead, random) };
  if (change === "splice") return { change, isInHead, bytes: splice(base, isInHead, random) };
  return { change, isInHead: true, bytes: change === "length lie" ? lie(base, random) : swap(base, random) };
}

/** Of four mutants two are safetensors files, one is an IDX file and one a gzip file. */
const KINDS: readonly Kind[] = ["safetensors", "idx", "safetensors", "gzip"];

/** The mutant of a seed, a whole number from 0 on: of the same bytes everywhere. One in five is changed twice. */
export function mutantOf(seed: number): Mutant {
  const random = generator(seed + 1);
  for (let i = 0; i < 4; i++) random(2); // small seeds begin alike
  const kind = KINDS[seed % KINDS.length] ?? "idx";
  const base = pick(
    BASES.filter((each) => each.kind === kind),
    random,
  );
  const index = Math.floor(seed / KINDS.length);
  const once = change(base, index, random);
  if (random(5) > 0 || once.bytes.length < base.head + base.tail) return { kind, ...once };
  const again = change({ ...base, bytes: once.bytes }, index, random);
  return { kind, change: once.change, isInHead: once.isInHead, bytes: again.bytes };
}
