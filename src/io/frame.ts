import { crc32 } from "./crc32.ts";

/** Bytes before the content of a frame. */
export const HEADER = 32;
/** "torchlet" in ASCII. */
const MAGIC = [0x63726f74, 0x74656c68] as const;

/**
 * What goes before bytes that may be torn: magic (8 bytes), sequence and length (float64 each), CRC-32 of the content and
 * CRC-32 of the 28 bytes before it (uint32 each), little-endian.
 *
 * @param sequence counts the writes of a name from 1
 */
export function headerOf(sequence: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC[0], true);
  view.setUint32(4, MAGIC[1], true);
  view.setFloat64(8, sequence, true);
  view.setFloat64(16, bytes.length, true);
  view.setUint32(24, crc32(bytes), true);
  view.setUint32(28, crc32(header, 0, 28), true);
  return header;
}

/** What a header says. */
export interface Head {
  readonly sequence: number;
  readonly length: number;
  readonly checksum: number;
}

/** What a header says; undefined unless it is whole. */
export function readHeader(header: Uint8Array): Head | undefined {
  if (header.length !== HEADER) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, HEADER);
  const isWhole =
    view.getUint32(0, true) === MAGIC[0] &&
    view.getUint32(4, true) === MAGIC[1] &&
    view.getUint32(28, true) === crc32(header, 0, 28);
  if (!isWhole) return undefined;
  const [sequence, length] = [view.getFloat64(8, true), view.getFloat64(16, true)];
  return { sequence, length, checksum: view.getUint32(24, true) };
}

/** Whether bytes are those that their header was made for. */
export const isWhole = (head: Head, bytes: Uint8Array): boolean =>
  bytes.length === head.length && crc32(bytes) === head.checksum;
