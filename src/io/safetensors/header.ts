import { FormatError } from "../../core/errors.ts";
import { SAFE_DTYPES, type SafeDType, safeDType } from "./dtype.ts";
import { type JsonLimits, JsonScanner, showName } from "./json.ts";
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

/**
 * What is read of a file whose author is not known to mean well. The format limits the header's bytes alone, and 100 MB of
 * them can ask for a gigabyte of objects. Real files stay far below: the largest hold about 100,000 tensors spread over many
 * files, NumPy's arrays have at most 64 dimensions, and names and metadata take kilobytes.
 */
const LIMITS: JsonLimits = { keys: 2 ** 16, numbers: 64, text: 16 * 2 ** 20 };
const NO_LIMITS: JsonLimits = { keys: Infinity, numbers: Infinity, text: Infinity };

const FIELDS = ["dtype", "shape", "data_offsets"];
// The commonest come first: each that does not match costs a comparison.
const DTYPES: readonly SafeDType[] = ["F32", "BF16", "F16", ...SAFE_DTYPES];

/** The error for a file that ends inside its first eight bytes. */
const tooSmall = (bytes: number): FormatError =>
  new FormatError(
    "HeaderTooSmall",
    0,
    `safetensors: a file starts with an ${LENGTH_BYTES} byte header length, but this one ends after ${bytes} bytes`,
  );

/** The error for a file that ends inside its header. */
const cutShort = (end: number, bytes: number): FormatError =>
  new FormatError(
    "InvalidHeaderLength",
    0,
    `safetensors: the header should end at byte ${end}, but the file ends at byte ${bytes}; it was cut short`,
  );

/**
 * Where the header ends and the data starts, by the file's first eight bytes.
 *
 * @param fileBytes the length of the file; `Infinity` where it is not known yet
 * @throws FormatError HeaderTooSmall, HeaderTooLarge or InvalidHeaderLength
 */
export function headerEnd(bytes: Uint8Array, fileBytes: number = bytes.length): number {
  if (bytes.length < LENGTH_BYTES) throw tooSmall(bytes.length);
  // As a BigInt, because half of all 64-bit lengths do not fit a number.
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new FormatError(
      "HeaderTooLarge",
      0,
      `safetensors: the header may take ${MAX_HEADER_BYTES} bytes, but its length says ${length}`,
    );
  const end = LENGTH_BYTES + Number(length);
  if (end > fileBytes) throw cutShort(end, fileBytes);
  return end;
}

/** Checks the encoding and the first byte of the header. */
function checkText(bytes: Uint8Array, end: number): void {
  const bad = findBadUtf8(bytes, LENGTH_BYTES, end);
  if (bad >= 0)
    throw new FormatError("InvalidHeader", bad, `safetensors: the header must be UTF-8, but byte ${bad} is not`);
  if (end === LENGTH_BYTES || bytes[LENGTH_BYTES] !== 0x7b)
    throw new FormatError("InvalidHeaderStart", LENGTH_BYTES, 'safetensors: the header must start with "{" at byte 8');
}

function readDType(scanner: JsonScanner): SafeDType {
  const text = scanner.word(DTYPES, "a dtype in double quotes");
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
  const ofName = (what: string): string => `${what} for ${showName(name)}`;
  const isKnown = scanner.fields(FIELDS, (key) => {
    if (key === "dtype") dtype = readDType(scanner);
    else if (key === "shape") shape = scanner.integers();
    else range = scanner.integers();
  });
  if (!isKnown) return scanner.fail(ofName("dtype, shape and data_offsets alone"));
  const [begin, end] = range ?? [];
  if (dtype === undefined || shape === undefined) return scanner.fail(ofName("dtype, shape and data_offsets"), offset);
  if (begin === undefined || end === undefined || range?.length !== 2)
    return scanner.fail(ofName("two data_offsets"), offset);
  return { name, dtype, shape, begin, end, offset };
}

/**
 * Reads the header of a safetensors file.
 *
 * @param bytes the file, at least up to the end of its header
 * @param trusted whether headers are read that ask for much more memory than a real one
 * @throws FormatError HeaderTooSmall, HeaderTooLarge, InvalidHeaderLength, InvalidHeader (not UTF-8), InvalidHeaderStart,
 * InvalidHeaderDeserialization (not the JSON that is expected), DuplicateKey or UnknownDType; and unless `trusted`,
 * TooManyKeys, TooManySizes and TooMuchText
 */
export function readHeader(bytes: Uint8Array, trusted = false): Header {
  const dataStart = headerEnd(bytes);
  checkText(bytes, dataStart);
  const infos: TensorInfo[] = [];
  const metadata = new Map<string, string>();
  const scanner = new JsonScanner(bytes, LENGTH_BYTES, dataStart, trusted ? NO_LIMITS : LIMITS);
  scanner.object((name, offset) => {
    if (name !== METADATA_KEY) infos.push(readInfo(scanner, name, offset));
    else scanner.object((key) => void metadata.set(key, scanner.string("metadata text in double quotes")));
  });
  scanner.finish();
  return { infos, metadata, dataStart };
}
