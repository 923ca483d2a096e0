const POLYNOMIAL = 0xedb88320;

/** What one byte does to the checksum. Signed: Firefox computes with unsigned words as doubles, 80 times as slowly. */
const BYTE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
  return crc;
});

/** The same once another zero byte has followed. */
const followed = (table: Int32Array): Int32Array => table.map((crc) => (crc >>> 8) ^ BYTE[crc & 0xff]!);

const BYTE_1 = followed(BYTE);
const BYTE_2 = followed(BYTE_1);
const BYTE_3 = followed(BYTE_2);

/**
 * CRC-32 of a stretch of bytes, as gzip, zip and PNG use it: polynomial 0x04c11db7 reflected, start and end inverted.
 *
 * @returns an unsigned 32-bit number
 * @see RFC 1952, section 8
 */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = -1;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = BYTE_3[crc & 0xff]! ^ BYTE_2[(crc >>> 8) & 0xff]! ^ BYTE_1[(crc >>> 16) & 0xff]! ^ BYTE[crc >>> 24]!;
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ BYTE[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}
