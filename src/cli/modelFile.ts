import { open, readFile } from "node:fs/promises";
import { DataError, FormatError } from "../core/errors.ts";
import { type Header, MAX_HEADER_BYTES, readHeader } from "../io/safetensors/header.ts";
import { checkLayout, checkLength, dataBytesOf } from "../io/safetensors/layout.ts";
import { parse, type SafeTensors } from "../io/safetensors/parse.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a safetensors file says of itself. */
export interface ModelHeader extends Header {
  /** The length of the file. */
  readonly bytes: number;
}

const LENGTH_BYTES = 8;

/**
 * Reads and checks the header of a safetensors file: the tensors themselves may take gigabytes.
 *
 * @throws DataError if there is no such file; FormatError if it breaks the format
 */
export function readModelHeader(path: string): Promise<ModelHeader> {
  return named(path, async () => {
    const file = await open(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return headerOf(await file.readFile(), undefined);
      const length = Buffer.alloc(LENGTH_BYTES);
      const { bytesRead } = await file.read(length, 0, LENGTH_BYTES, 0);
      const told = bytesRead < LENGTH_BYTES ? 0 : Number(length.readBigUInt64LE());
      // A length beyond the limit is refused by its first eight bytes.
      const head = Buffer.alloc(Math.min(stat.size, LENGTH_BYTES + (told > MAX_HEADER_BYTES ? 0 : told)));
      await file.read(head, 0, head.length, 0);
      return headerOf(head, stat.size);
    } finally {
      await file.close();
    }
  });
}

/** @param size the length of the file, where `bytes` is its beginning only */
function headerOf(bytes: Uint8Array, size = bytes.length): ModelHeader {
  const header = readHeader(bytes);
  checkLength(dataBytesOf(checkLayout(header)), header.dataStart, size);
  return { ...header, bytes: size };
}

/** Reads a whole safetensors file. @throws DataError if there is no such file; FormatError if it breaks the format */
export function readModel(path: string): Promise<SafeTensors> {
  return named(path, async () => parse(await readFile(path)));
}

/** Errors that name the file, in one sentence. */
async function named<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof FormatError) {
      const { code, offset, message } = cause;
      throw new FormatError(code, offset, `${path}: ${message} (${code} at byte ${offset})`);
    }
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    if (code === "ENOENT" || code === "ENOTDIR") throw new DataError(`there is no file ${path}`, { cause });
    if (code === "EISDIR")
      throw new DataError(`${path} is a folder; name a safetensors file${inFolder(path)}`, { cause });
    throw new DataError(`cannot read ${path}: ${message}`, { cause });
  }
}

/** A run's folder holds the weights under a known name. */
function inFolder(path: string): string {
  const last = join(path, "last.safetensors");
  return existsSync(last) ? `, as ${last}` : "";
}
