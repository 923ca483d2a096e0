import { defaultDevice } from "../backend/device.ts";
import { FormatError } from "../core/errors.ts";
import { gunzip } from "../io/gunzip.ts";
import { decodeIdxWith, type IdxArray, type IdxHost, type IdxOptions, idxByteLength, isGzip } from "./idx.ts";

/** Bytes of a header at most: magic, and eight sizes. */
const HEADER_BYTES = 36;

/**
 * Decodes an IDX file, plain or gzipped, in the AssemblyScript module.
 *
 * @param bytes the whole file
 * @param options `name` for messages, `rank` to expect, `maxBytes` at most
 * @returns dtype, shape and elements; uint8 as it is, other integers as int32, floats as float32
 * @throws FormatError where the bytes break the format; `offset` is the byte, `code` one of idx-short-header, idx-magic,
 *   idx-type, idx-rank, idx-too-large, idx-wrong-rank, idx-over-limit, idx-truncated, idx-oversized, InvalidGzip and what else
 *   unzipping finds
 * @throws TypeError for anything but a Uint8Array
 * @throws OutOfMemoryError if there is no room for the values
 * @throws DeviceError before `init`
 * @see http://yann.lecun.com/exdb/mnist/ "The IDX file format"
 * @category IDX files
 */
export async function decodeIdx(bytes: Uint8Array<ArrayBuffer>, options: IdxOptions = {}): Promise<IdxArray> {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("decodeIdx: expected the file's bytes as a Uint8Array");
  const host = idxHost();
  if (!isGzip(bytes)) return decodeIdxWith(host, bytes, options);
  return decodeIdxWith(host, await unpack(host, bytes, options), options);
}

/** The device's host module, whose exports of `assembly/idx.ts` have these types. */
const idxHost = (): IdxHost => defaultDevice().host as unknown as IdxHost;

/** Unzips no more than the header inside promises, so that a bomb costs its true size at most. */
async function unpack(host: IdxHost, bytes: Uint8Array<ArrayBuffer>, options: IdxOptions): Promise<Uint8Array> {
  const name = options.name ?? "IDX data";
  const lengthOf = (head: Uint8Array) => (head.length >= HEADER_BYTES ? idxByteLength(host, head, name) : undefined);
  try {
    return await gunzip(bytes, options.maxBytes ?? 2 ** 32 - 1, lengthOf);
  } catch (error) {
    // gunzip knows no names; what idxByteLength throws has one.
    if (!(error instanceof FormatError) || !error.message.startsWith("gunzip: ")) throw error;
    throw new FormatError(error.code, error.offset, `${name}: ${error.message.slice("gunzip: ".length)}`);
  }
}
