import { FormatError } from "../../core/errors.ts";
import { type SafeTensor, safeBytesOf, safeTensor } from "./dtype.ts";
import { type Header, readHeader, type TensorInfo } from "./header.ts";
import { showName } from "./json.ts";
import { checkLayout, checkLength, dataBytesOf } from "./layout.ts";

/** What a file holds. Maps, so that names such as `__proto__` are data like any other. */
export interface SafeTensors {
  /** The tensors by name, in the order of the header. */
  readonly tensors: Map<string, SafeTensor>;
  /** Text by name, empty where the file has none. */
  readonly metadata: Map<string, string>;
}

/** Options of `parse` and `parseStream`. */
export interface ParseOptions {
  /** Refuse files that hold a NaN or an infinity. False unless set. */
  readonly requireFinite?: boolean | undefined;
  /**
   * Read headers too that ask for much more memory than those of real files: over 65,536 tensors or metadata entries, over
   * 64 sizes in a shape, over 16 MiB of names and metadata. False unless set, so that no file of a stranger is a bomb.
   */
  readonly trusted?: boolean | undefined;
}

/** Finds the first element that is NaN or infinite by the exponent bits of its dtype; -1 if there is none. */
function findNonFinite({ dtype, data }: SafeTensor): number {
  if (dtype === "F32" || dtype === "F64") return data.findIndex((x) => !Number.isFinite(x));
  if (dtype === "F16") return data.findIndex((bits) => (bits & 0x7c00) === 0x7c00);
  if (dtype === "BF16") return data.findIndex((bits) => (bits & 0x7f80) === 0x7f80);
  if (dtype === "F8_E5M2") return data.findIndex((bits) => (bits & 0x7c) === 0x7c);
  // E4M3 has no infinity, and a single NaN of either sign.
  if (dtype === "F8_E4M3") return data.findIndex((bits) => (bits & 0x7f) === 0x7f);
  return -1;
}

function checkFinite(tensor: SafeTensor, { name, begin, dtype }: TensorInfo, dataStart: number): void {
  const bad = findNonFinite(tensor);
  if (bad < 0) return;
  throw new FormatError(
    "NonFinite",
    dataStart + begin + bad * safeBytesOf(dtype),
    `safetensors: tensor ${showName(name)} holds a NaN or an infinity at element ${bad}; requireFinite asks for none`,
  );
}

/** The bytes of a tensor: they start at `at` of `bytes`. */
interface Place {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/**
 * The tensors of a checked header, in its order.
 *
 * @throws FormatError NonFinite with `requireFinite`
 */
export function makeTensors(header: Header, placeOf: (info: TensorInfo) => Place, options: ParseOptions): SafeTensors {
  const tensors = new Map<string, SafeTensor>();
  for (const info of header.infos) {
    const { bytes, at } = placeOf(info);
    const tensor = safeTensor(info.dtype, info.shape, bytes, at, (info.end - info.begin) / safeBytesOf(info.dtype));
    if (options.requireFinite === true) checkFinite(tensor, info, header.dataStart);
    tensors.set(info.name, tensor);
  }
  return { tensors, metadata: header.metadata };
}

/** The bytes of a file, without copying them. */
function bytesOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw new TypeError(
    `parse: expected a Uint8Array or an ArrayBuffer, got ${typeof bytes}; parseStream takes the others`,
  );
}

/**
 * Reads a safetensors file and refuses everything that its format does not allow; the whole header and the layout of the
 * data are checked before a tensor is made. Data is shared with `bytes` where its place there is aligned, else copied.
 *
 * @param bytes the whole file
 * @returns the tensors, in the order of the header, and the metadata (empty where the file has none)
 * @param options `requireFinite` also refuses NaN and infinities; `trusted` reads enormous headers too
 * @throws FormatError with the code of the broken rule: HeaderTooSmall, HeaderTooLarge, InvalidHeaderLength, InvalidHeader,
 *   InvalidHeaderStart, InvalidHeaderDeserialization, DuplicateKey, UnknownDType, InvalidOffset, ValidationOverflow,
 *   TensorInvalidInfo, MetadataIncompleteBuffer; TooManyKeys, TooManySizes and TooMuchText unless `trusted`; and NonFinite
 *   with `requireFinite`
 * @throws TypeError if `bytes` is something else
 * @see https://github.com/huggingface/safetensors#format
 */
export function parse(bytes: Uint8Array | ArrayBuffer, options: ParseOptions = {}): SafeTensors {
  const file = bytesOf(bytes);
  const header = readHeader(file, options.trusted);
  checkLength(dataBytesOf(checkLayout(header)), header.dataStart, file.length);
  return makeTensors(header, ({ begin }) => ({ bytes: file, at: header.dataStart + begin }), options);
}
