// Files that are small and ask for much, or are large and say little.
import { constants, deflateRawSync } from "node:zlib";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Of the IDX header of a gibibyte of bytes, and as many zeros: Python's zlib.crc32. */
const CRC_OF_A_GIBIBYTE = 0x2679c802;

const ascii = (text) => Buffer.from(text, "latin1");

/** A safetensors file of a header and data bytes; `header` is text, or bytes. */
function safetensors(header, dataBytes = 0) {
  const bytes = typeof header === "string" ? ascii(header) : header;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes, Buffer.alloc(dataBytes)]);
}

/** A header of 99,000,000 bytes: `start`, then `unit` over and over, then `end`. */
function largeHeader(start, unit, end) {
  const bytes = Buffer.alloc(99_000_000, " ");
  const times = Math.floor((bytes.length - start.length - end.length) / unit.length);
  bytes.write(start, 0, "latin1");
  bytes.fill(unit, start.length, start.length + times * unit.length, "latin1");
  bytes.write(end, start.length + times * unit.length, "latin1");
  return safetensors(bytes);
}

/** `n` empty tensors, or tensors of one byte and `rank` sizes of 1. */
function manyTensors(n, rank) {
  const shape = rank === undefined ? "[0]" : `[${new Array(rank).fill(1).join(",")}]`;
  const bytes = Buffer.alloc(n * (65 + shape.length) + 2);
  let at = bytes.write("{");
  for (let i = 0; i < n; i++) {
    const [begin, end] = rank === undefined ? [0, 0] : [i, i + 1];
    const entry = `"${i.toString(36)}":{"dtype":"U8","shape":${shape},"data_offsets":[${begin},${end}]}`;
    at += bytes.write(`${entry}${i === n - 1 ? "}" : ","}`, at, "latin1");
  }
  return safetensors(bytes.subarray(0, at), rank === undefined ? 0 : n);
}

/** A gzip file of an IDX header that tells of `told` bytes, and a gibibyte of zeros; `size` is what its trailer tells. */
function gzipped(told, size, crc = 0) {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  const idx = Buffer.from([0, 8, 0, 0xf7, 0xff, 0, 0, 8, 1, 0, 0, 0, 0]); // in a stored block
  idx.writeUInt32BE(told, 9);
  const zeros = deflateRawSync(Buffer.alloc(MIB), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc);
  trailer.writeUInt32LE(size, 4);
  return Buffer.concat([header, idx, ...new Array(GIB / MIB).fill(zeros), Buffer.from([3, 0]), trailer]);
}

const entry = (shape, begin, end) => `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;
const deep = (unit) => unit.repeat(100_000);
const JSON_CODE = "InvalidHeaderDeserialization";

/** Each bomb: what it is, which reader takes it, what that must say, how it is made, and whether the short form tries it. */
export const BOMBS = [
  [
    "1 MB of gzip that unpacks to 1 GB",
    "decodeIdx",
    "GzipTooLarge",
    () => gzipped(GIB, GIB + 8, CRC_OF_A_GIBIBYTE),
    true,
  ],
  ["the same, whose trailer tells of 15 MB", "decodeIdx", "InvalidGzip", () => gzipped(GIB, 15e6)],
  [
    "the same, whose trailer and header tell of the most that is allowed",
    "decodeIdx",
    "InvalidGzip",
    () => gzipped(32e6, 32e6 + 8),
  ],
  ["the same, whose header tells of 100 bytes", "decodeIdx", "InvalidGzip", () => gzipped(100, 32e6)],
  [
    "a header of 4 GB of tensors",
    "parse",
    "MetadataIncompleteBuffer",
    () => safetensors(`{"a":${entry("[1073741824]", 0, 2 ** 32)}}`, 8),
    true,
  ],
  [
    "a header of 4 GB of tensors, from a stream",
    "parseStream",
    "MetadataIncompleteBuffer",
    () => safetensors(`{"a":${entry("[1073741824]", 0, 2 ** 32)}}`, 8),
    true,
  ],
  [
    "a header of a thousand tensors of 4 GB in one place",
    "parse",
    "InvalidOffset",
    () => safetensors(`{${Array.from({ length: 1000 }, (_, i) => `"${i}":${entry("[1073741824]", 0, 2 ** 32)}`)}}`, 8),
  ],
  [
    "a length of 99 MB without a header, from a stream",
    "parseStream",
    "InvalidHeaderLength",
    () => {
      const bytes = safetensors("{}");
      bytes.writeUInt32LE(99e6);
      return bytes;
    },
  ],
  ["a header of 99 MB of spaces", "parse", "accepted", () => largeHeader("{}", " ", " "), true],
  ["a header of 99 MB, a name", "parse", "TooMuchText", () => largeHeader('{"', "a", '":{}}')],
  ["a header of 99 MB, a name of escapes", "parse", "TooMuchText", () => largeHeader('{"', "\\u0061", '":{}}')],
  [
    "a header of 99 MB, metadata",
    "parse",
    "TooMuchText",
    () => largeHeader('{"__metadata__":{"a":"', "\xc3\xa9", '"}}'),
    true,
  ],
  [
    "a header of 99 MB, entries of metadata",
    "parse",
    "DuplicateKey",
    () => largeHeader('{"__metadata__":{', '"a":"",', '"":""}}'),
  ],
  ["a header of 99 MB, a shape", "parse", "TooManySizes", () => largeHeader('{"a":{"shape":[', "1,", "1]}}")],
  ["a header of 99 MB, a number", "parse", JSON_CODE, () => largeHeader('{"a":{"shape":[', "1", "]}}")],
  [
    "a header of 99 MB that is not UTF-8 at its end",
    "parse",
    "InvalidHeader",
    () => largeHeader('{"', "\xc3\xa9", '\xff"}'),
  ],
  ["1,000,000 tensors", "parse", "TooManyKeys", () => manyTensors(1_000_000), true],
  ["65,536 tensors, which is allowed", "parse", "accepted", () => manyTensors(65_536)],
  ["65,536 tensors of 8 sizes, which is allowed", "parse", "accepted", () => manyTensors(65_536, 8)],
  ["objects in objects, 100,000 deep", "parse", JSON_CODE, () => safetensors(deep('{"a":')), true],
  ["objects in objects, 100,000 deep, from a stream", "parseStream", JSON_CODE, () => safetensors(deep('{"a":'))],
  [
    "arrays in a shape, 100,000 deep",
    "parse",
    JSON_CODE,
    () => safetensors(`{"a":{"shape":${deep("[")}${deep("]")}}}`),
  ],
  [
    "objects in metadata, 100,000 deep",
    "parse",
    JSON_CODE,
    () => safetensors(`{"__metadata__":${deep('{"a":')}${deep("}")}}`),
  ],
].map(([what, reader, verdict, make, inCut = false]) => ({ what, reader, verdict, make, inCut }));
