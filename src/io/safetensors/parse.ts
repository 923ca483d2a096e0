import { FormatError } from "../../core/errors.ts";
import { type SafeTensor, safeBytesOf, safeTensor } from "./dtype.ts";
import { type Header, readHeader, type TensorInfo } from "./header.ts";
import { showName } from "./json.ts";

/** What a file holds. Maps, so that names such as `__proto__` are data like any other. */
export interface SafeTensors {
  /** The tensors by name, in the order of the header. */
  readonly tensors: Map<string, SafeTensor>;
  /** Text by name, empty where the file has none. */
  readonly metadata: Map<string, string>;
}

/** Options of `parse`. */
export interface ParseOptions {
  /** Refuse files that hold a NaN or an infinity. False unless set. */
  readonly requireFinite?: boolean | undefined;
}

/** Bytes of a tensor by its shape and dtype, or undefined where a product leaves the safe integers. */
function bytesByShape(info: TensorInfo): number | undefined {
  let n = 1;
  for (const size of info.shape) {
    n *= size;
    if (!Number.isSafeInteger(n)) return undefined;
  }
  n *= safeBytesOf(info.dtype);
  return Number.isSafeInteger(n) ? n : undefined;
}

/** Checks one tensor against its own claims and against the end of the tensor before it. */
function checkInfo(info: TensorInfo, previousEnd: number): void {
  const { begin, end, offset } = info;
  const tensor = `safetensors: tensor ${showName(info.name)}`;
  if (begin !== previousEnd || end < begin)
    throw new FormatError(
      "InvalidOffset",
      offset,
      `${tensor} takes bytes ${begin} to ${end} of the data; expected a range that begins at ${previousEnd}, where the one before it ends`,
    );
  const bytes = bytesByShape(info);
  if (bytes === undefined)
    throw new FormatError("ValidationOverflow", offset, `${tensor} has a shape with more bytes than can be counted`);
  if (end - begin !== bytes)
    throw new FormatError(
      "TensorInvalidInfo",
      offset,
      `${tensor} needs ${bytes} bytes by its shape and dtype ${info.dtype}, but its data_offsets span ${end - begin}`,
    );
}

/**
 * Checks that the tensors fill the data from its first byte to its last: no hole, no overlap, nothing after the end.
 *
 * @throws FormatError InvalidOffset, ValidationOverflow, TensorInvalidInfo or MetadataIncompleteBuffer
 */
export function checkLayout({ infos, dataStart }: Header, fileBytes: number): void {
  const sorted = infos.slice().sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const info of sorted) {
    checkInfo(info, end);
    end = info.end;
  }
  if (end !== fileBytes - dataStart)
    throw new FormatError(
      "MetadataIncompleteBuffer",
      Math.min(dataStart + end, fileBytes),
      `safetensors: the tensors take ${end} bytes, but ${fileBytes - dataStart} follow the header; expected the same number`,
    );
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

/** The bytes of a file, without copying them. */
function bytesOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw new TypeError(`parse: expected a Uint8Array or an ArrayBuffer, got ${typeof bytes}`);
}

/**
 * Reads a safetensors file and refuses everything that its format does not allow; the whole header and the layout of the
 * data are checked before a tensor is made. Data is shared with `bytes` where its place there is aligned, else copied.
 *
 * @param bytes the whole file
 * @returns the tensors, in the order of the header, and the metadata (empty where the file has none)
 * @param options `requireFinite` also refuses NaN and infinities
 * @throws FormatError with the code of the broken rule: HeaderTooSmall, HeaderTooLarge, InvalidHeaderLength, InvalidHeader,
 *   InvalidHeaderStart, InvalidHeaderDeserialization, DuplicateKey, UnknownDType, InvalidOffset, ValidationOverflow,
 *   TensorInvalidInfo, MetadataIncompleteBuffer, and NonFinite with `requireFinite`
 * @throws TypeError if `bytes` is something else
 * @see https://github.com/huggingface/safetensors#format
 */
export function parse(bytes: Uint8Array | ArrayBuffer, options: ParseOptions = {}): SafeTensors {
  const file = bytesOf(bytes);
  const header = readHeader(file);
  checkLayout(header, file.length);
  const tensors = new Map<string, SafeTensor>();
  for (const { name, dtype, shape, begin, end } of header.infos) {
    const size = safeBytesOf(dtype);
    const tensor = safeTensor(dtype, shape, file, header.dataStart + begin, (end - begin) / size);
    const bad = options.requireFinite === true ? findNonFinite(tensor) : -1;
    if (bad >= 0)
      throw new FormatError(
        "NonFinite",
        header.dataStart + begin + bad * size,
        `safetensors: tensor ${showName(name)} holds a NaN or an infinity at element ${bad}; requireFinite asks for none`,
      );
    tensors.set(name, tensor);
  }
  return { tensors, metadata: header.metadata };
}
