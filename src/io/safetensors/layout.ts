import { FormatError } from "../../core/errors.ts";
import { safeBytesOf } from "./dtype.ts";
import type { Header, TensorInfo } from "./header.ts";
import { showName } from "./json.ts";

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

const byPlace = (a: TensorInfo, b: TensorInfo): number => a.begin - b.begin || a.end - b.end;

/** The order of the data, in which the reference writes the header too: then there is nothing to sort. */
function inOrder(infos: readonly TensorInfo[]): readonly TensorInfo[] {
  const isSorted = infos.every((info, i) => i === 0 || byPlace(infos[i - 1] as TensorInfo, info) <= 0);
  return isSorted ? infos : infos.slice().sort(byPlace);
}

/**
 * Checks that the data has as many bytes as the tensors take.
 *
 * @param end the number that they take
 * @param fileBytes the length of the file, as far as it was read
 * @param more whether the file goes on after that
 * @throws FormatError MetadataIncompleteBuffer
 */
export function checkLength(end: number, dataStart: number, fileBytes: number, more = false): void {
  if (end === fileBytes - dataStart && !more) return;
  const follow = more ? `more than ${end}` : String(fileBytes - dataStart);
  throw new FormatError(
    "MetadataIncompleteBuffer",
    Math.min(dataStart + end, fileBytes),
    `safetensors: the tensors take ${end} bytes, but ${follow} follow the header; expected the same number`,
  );
}

/**
 * Checks that the tensors lie end to end: no hole, no overlap.
 *
 * @returns the tensors in the order of their data
 * @throws FormatError InvalidOffset, ValidationOverflow or TensorInvalidInfo
 */
export function checkLayout({ infos }: Header): readonly TensorInfo[] {
  const sorted = inOrder(infos);
  let end = 0;
  for (const info of sorted) {
    checkInfo(info, end);
    end = info.end;
  }
  return sorted;
}

/** The bytes of data that checked tensors take, by the last of them. */
export const dataBytesOf = (sorted: readonly TensorInfo[]): number => sorted.at(-1)?.end ?? 0;
