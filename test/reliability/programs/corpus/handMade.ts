import { CORRUPT } from "../../../io/malformedGzip.ts";
import { MALFORMED } from "../../../io/malformedSafetensors.ts";
import type { Kind } from "./bases.ts";

/** A file that must be refused, and its code. */
export interface HandMade {
  readonly kind: Kind;
  readonly what: string;
  readonly code: string;
  /** The byte at which it must be refused, where that matters. */
  readonly offset?: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A sound file of [2, 3] bytes. */
const GOOD = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
const spoilt = (at: number, ...bytes: number[]): number[] => [
  ...GOOD.slice(0, at),
  ...bytes,
  ...GOOD.slice(at + bytes.length),
];
const FULL = [255, 255, 255, 255];
const HALF = [0x80, 0, 0, 0];

const IDX: readonly (readonly [code: string, offset: number, what: string, bytes: readonly number[]])[] = [
  ["idx-short-header", 0, "no bytes", []],
  ["idx-short-header", 3, "three bytes", GOOD.slice(0, 3)],
  ["idx-short-header", 4, "no sizes", GOOD.slice(0, 4)],
  ["idx-short-header", 11, "sizes cut short", GOOD.slice(0, 11)],
  ["idx-short-header", 18, "more dimensions than there are sizes", spoilt(3, 8)],
  ["idx-magic", 0, "the first byte set", spoilt(0, 1)],
  ["idx-magic", 1, "the second byte set", spoilt(1, 1)],
  ["idx-magic", 0, "little-endian magic", [3, 8, 0, 0, ...GOOD.slice(4)]],
  ["idx-type", 2, "type 0", spoilt(2, 0)],
  ["idx-type", 2, "type 0x0a, which lies between others", spoilt(2, 0x0a)],
  ["idx-type", 2, "type 0x0f", spoilt(2, 0x0f)],
  ["idx-type", 2, "type 0x88", spoilt(2, 0x88)],
  ["idx-rank", 3, "no dimensions", spoilt(3, 0)],
  ["idx-rank", 3, "nine dimensions", spoilt(3, 9)],
  ["idx-rank", 3, "255 dimensions", spoilt(3, 255)],
  ["idx-too-large", 4, "sizes of 2^64", spoilt(4, ...FULL, ...FULL)],
  ["idx-too-large", 4, "2^32 elements, whose count is 0 in 32 bits", spoilt(4, 0, 1, 0, 0, 0, 1, 0, 0)],
  ["idx-too-large", 4, "2^32 bytes of 4-byte elements", [0, 0, 0x0d, 1, 0x40, 0, 0, 0]],
  ["idx-too-large", 4, "an empty dimension among huge ones", [0, 0, 8, 3, 0, 0, 0, 0, ...FULL, ...FULL]],
  ["idx-truncated", 18, "2 GB that are not there", spoilt(4, ...HALF, 0, 0, 0, 1)],
  ["idx-truncated", 17, "a byte missing", GOOD.slice(0, 17)],
  ["idx-truncated", 18, "elements twice as wide as the data", spoilt(2, 0x0b)],
  ["idx-truncated", 18, "sizes in little-endian order", spoilt(4, 0, 0, 0, 2, 3, 0, 0, 0)],
  ["idx-oversized", 18, "a byte too many", [...GOOD, 0]],
  ["idx-oversized", 12, "an empty file with data", spoilt(4, 0, 0, 0, 0)],
  ["idx-oversized", 18, "a second file behind it", [...GOOD, ...GOOD]],
];

/** All of them. */
export const HAND_MADE: readonly HandMade[] = [
  ...MALFORMED.map(([code, what, bytes]) => ({
    kind: "safetensors" as const,
    what,
    code,
    bytes: Uint8Array.from(bytes),
  })),
  ...IDX.map(([code, offset, what, bytes]) => ({
    kind: "idx" as const,
    what,
    code,
    offset,
    bytes: Uint8Array.from(bytes),
  })),
  ...CORRUPT.filter(([, bytes]) => bytes[0] === 0x1f && bytes[1] === 0x8b).map(([what, bytes]) => ({
    kind: "gzip" as const,
    what,
    code: "InvalidGzip",
    bytes,
  })),
];
