import { serialize } from "../../../../src/io/safetensors.ts";
import { f32, file } from "../../../io/safetensorsFile.ts";

/** The formats that are read. */
export type Kind = "safetensors" | "idx" | "gzip";

/** A sound file, and which of its bytes are header, offsets and lengths: the first `head` and the last `tail`. */
export interface Base {
  readonly kind: Kind;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly head: number;
  readonly tail: number;
}

const safetensors = (bytes: Uint8Array<ArrayBuffer>): Base => ({
  kind: "safetensors",
  bytes,
  head: 8 + new DataView(bytes.buffer).getUint32(0, true),
  tail: 0,
});

/** An IDX file whose elements are 1, 2, 3, … byte by byte. */
function idx(type: number, shape: readonly number[], elementBytes: number): Base {
  const head = 4 + 4 * shape.length;
  const n = shape.reduce((product, size) => product * size, elementBytes);
  const bytes = Uint8Array.from({ length: head + n }, (_, i) => (i < head ? 0 : i - head + 1));
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((size, d) => void new DataView(bytes.buffer).setUint32(4 + 4 * d, size));
  return { kind: "idx", bytes, head, tail: 0 };
}

const gzip = (bytes: Uint8Array<ArrayBuffer>, head: number): Base => ({ kind: "gzip", bytes, head, tail: 8 });

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));

/** An IDX file of [3, 5, 7] bytes of six values, in a dynamic block: Python 3.11's gzip at level 9. */
const DYNAMIC =
  "H4sIAAAAAAAC/x2NwQ0AQQgCEULu7L8py1r0QaIDKPALwMrRh95NGi4ke61GhY7BAZOTHDJr0RMHKN+Elq/DRMtTUGowS3eoO/w+PSLOXU95AAAA";
/** One of [6, 20] floats 0, 0.25, … 1.5, in a fixed block with matches: the same. */
const FIXED = "H4sIAAAAAAAC/2Ng4GViYGBgA2IRIGawa2BgsAfS9g5ADGIvAOIDDAyjckNfDgArXwBP7AEAAA==";

/** An IDX file of 4 bytes in a stored block, in a member with an extra field and a name. */
const STORED = Uint8Array.of(
  ...[0x1f, 0x8b, 8, 12, 1, 2, 3, 4, 0, 3, 2, 0, 65, 66, 97, 0], // 16 bytes of header
  ...[1, 12, 0, 0xf3, 0xff, 0, 0, 8, 1, 0, 0, 0, 4, 5, 6, 7, 8],
  ...[0x6d, 0xa6, 0x30, 0xf8, 12, 0, 0, 0],
);

/** The sound files that are changed. */
export const BASES: readonly Base[] = [
  safetensors(
    serialize(
      [
        ["weight", { dtype: "F32", shape: [2, 3], data: new Float32Array(6).fill(1.5) }],
        ["é\ud800", { dtype: "BF16", shape: [3], data: new Uint16Array([1, 2, 3]) }],
        ["empty", { dtype: "I64", shape: [0, 7], data: new BigInt64Array(0) }],
        ["", { dtype: "U8", shape: [], data: new Uint8Array([9]) }],
      ],
      { format: "pt", "\n": "\\" },
    ),
  ),
  safetensors(
    file(`{ "a":${f32("[1]", 0, 4)},\t"b" : ${f32("[ 1 , 2 ]", 4, 12)}, "\\u0061b":${f32("[0]", 4, 4)} }   `, 12),
  ),
  safetensors(file(`{"a":${f32("[1]", 4, 8)},"b":${f32("[1]", 0, 4)},"c":${f32("[1]", 8, 12)},"__metadata__":{}}`, 12)),
  safetensors(file(`{"x":${f32("[2,2,3]", 0, 48)},"y":${f32("[3,2]", 48, 72)},"z":${f32("[]", 72, 76)}}`, 76)),
  idx(0x08, [2, 3, 4], 1),
  idx(0x09, [5], 1),
  idx(0x0b, [2, 2], 2),
  idx(0x0c, [3], 4),
  idx(0x0d, [2, 1, 3], 4),
  idx(0x0e, [1, 2], 8),
  idx(0x08, [0, 7], 1),
  idx(0x08, [1, 1, 2, 1, 3, 1, 1, 2], 1),
  gzip(fromBase64(DYNAMIC), 10),
  gzip(fromBase64(FIXED), 10),
  gzip(STORED, 16),
];
