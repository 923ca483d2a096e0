import { FormatError } from "../../core/errors.ts";
import { SAFE_DTYPES, type SafeDType, safeDType } from "./dtype.ts";
import { JsonScanner, showName } from "./json.ts";
import { findBadUtf8 } from "./utf8.ts";

/** Bytes of the length that precedes the header. */
export const LENGTH_BYTES = 8;
/** The longest header that is read or written, as in the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000;
/** The key of the header that holds the metadata instead of a tensor. */
export const METADATA_KEY = "__metadata__";

/** What the header says of one tensor. Offsets count from the end of the header. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: SafeDType;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
  /** Where in the file the tensor's entry starts, for messages. */
  readonly offset: number;
}

/** A header that is well-formed; whether it fits the data is checked later. */
export interface Header {
  readonly infos: TensorInfo[];
  readonly metadata: Map<string, string>;
  /** Where in the file the data starts. */
  readonly dataStart: number;
}

/** Checks the length and the encoding of the header and returns where it ends. */
function headerEnd(bytes: Uint8Array): number {
  if (bytes.length < LENGTH_BYTES)
    throw new FormatError(
      "HeaderTooSmall",
      0,
      `safetensors: a file starts with an ${LENGTH_BYTES} byte header length, but this one ends after ${bytes.length} bytes`,
    );
  // As a BigInt, because half of all 64-bit lengths do not fit a number.
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new FormatError(
      "HeaderTooLarge",
      0,
      `safetensors: the header may take ${MAX_HEADER_BYTES} bytes, but its length says ${length}`,
    );
  const end = LENGTH_BYTES + Number(length);
  if (end > bytes.length)
    throw new FormatError(
      "InvalidHeaderLength",
      0,
      `safetensors: the header should end at byte ${end}, but the file ends at byte ${bytes.length}; it was cut short`,
    );
  const bad = findBadUtf8(bytes, LENGTH_BYTES, end);
  if (bad >= 0)
    throw new FormatError("InvalidHeader", bad, `safetensors: the header must be UTF-8, but byte ${bad} is not`);
  if (end === LENGTH_BYTES || bytes[LENGTH_BYTES] !== 0x7b)
    throw new FormatError("InvalidHeaderStart", LENGTH_BYTES, 'safetensors: the header must start with "{" at byte 8');
  return end;
}

function readDType(scanner: JsonScanner): SafeDType {
  const text = scanner.string("a dtype in double quotes");
  const dtype = safeDType(text);
  if (dtype !== undefined) return dtype;
  const sentence = `safetensors: unknown dtype ${showName(text)}; expected one of ${SAFE_DTYPES.join(", ")}`;
  throw new FormatError("UnknownDType", scanner.offset, sentence);
}

/** Reads `{"dtype": …, "shape": […], "data_offsets": [begin, end]}`, in any order, and nothing else. */
function readInfo(scanner: JsonScanner, name: string, offset: number): TensorInfo {
  let dtype: SafeDType | undefined;
  let shape: number[] | undefined;
  let range: number[] | undefined;
  scanner.object((key, keyOffset) => {
    if (key === "dtype") dtype = readDType(scanner);
    else if (key === "shape") shape = scanner.integers();
    else if (key === "data_offsets") range = scanner.integers();
    else scanner.fail(`dtype, shape and data_offsets alone for ${showName(name)}`, keyOffset);
  });
  const [begin, end] = range ?? [];
  if (dtype === undefined || shape === undefined)
    return scanner.fail(`dtype, shape and data_offsets for ${showName(name)}`, offset);
  if (begin === undefined || end === undefined || range?.length !== 2)
    return scanner.fail(`two data_offsets for ${showName(name)}`, offset);
  return { name, dtype, shape, begin, end, offset };
}

/**
 * Reads the header of a safetensors file.
 *
 * @throws FormatError HeaderTooSmall, HeaderTooLarge, InvalidHeaderLength, InvalidHeader (not UTF-8), InvalidHeaderStart,
 * InvalidHeaderDeserialization (not the JSON that is expected), DuplicateKey or UnknownDType
 */
export function readHeader(bytes: Uint8Array): Header {
  const dataStart = headerEnd(bytes);
  const infos: TensorInfo[] = [];
  const metadata = new Map<string, string>();
  const scanner = new JsonScanner(bytes, LENGTH_BYTES, dataStart);
  scanner.object((name, offset) => {
    if (name !== METADATA_KEY) infos.push(readInfo(scanner, name, offset));
    else scanner.object((key) => void metadata.set(key, scanner.string("metadata text in double quotes")));
  });
  scanner.finish();
  return { infos, metadata, dataStart };
}
