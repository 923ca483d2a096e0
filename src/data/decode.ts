import { defaultDevice } from "../backend/device.ts";
import { FormatError } from "../core/errors.ts";
import { gunzip } from "../io/gunzip.ts";
import { decodeIdxWith, type IdxArray, type IdxHost, type IdxOptions, idxByteLength, isGzip } from "./idx.ts";

/** Bytes of a header at most: magic, and eight sizes. */
const HEADER_BYTES = 36;

/**
 * The most that a gzip file may unpack to where `maxBytes` is not given: 16 MiB, or 32 times its own length. MNIST and its
 * successors unpack to 2 to 5 times theirs; a file of zeros unpacks to 1,000 times, so that 1 MB would take 1 GB.
 */
const UNPACKED_BYTES = 2 ** 24;
const UNPACKED_RATIO = 32;

/**
 * Decodes an IDX file, plain or gzipped, in the AssemblyScript module.
 *
 * @param bytes the whole file
 * @param options `name` for messages, `rank` to expect, `maxBytes` at most: unless given, a gzipped file may unpack to 16 MiB, or
 *   32 times its own length if that is more
 * @returns dtype, shape and elements; uint8 as it is, other integers as int32, floats as float32
 * @throws FormatError where the bytes break the format; `offset` is the byte, `code` one of idx-short-header, idx-magic,
 *   idx-type, idx-rank, idx-too-large, idx-wrong-rank, idx-over-limit, idx-truncated, idx-oversized, InvalidGzip, GzipTooLarge
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
    const most = Math.max(UNPACKED_BYTES, UNPACKED_RATIO * bytes.length);
    return await gunzip(bytes, options.maxBytes ?? Math.min(most, 2 ** 32 - 1), lengthOf);
  } catch (error) {
    // gunzip knows no names; what idxByteLength throws has one.
    if (!(error instanceof FormatError) || !error.message.startsWith("gunzip: ")) throw error;
    const advice = error.code === "GzipTooLarge" ? "; raise maxBytes if it is meant to" : "";
    throw new FormatError(error.code, error.offset, `${name}: ${error.message.slice("gunzip: ".length)}${advice}`);
  }
}
