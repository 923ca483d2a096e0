/** The file is not one sound gzip member. */
class Refused extends Error {}

function need(condition: boolean): asserts condition {
  if (!condition) throw new Refused();
}

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
// RFC 1951, 3.2.5: base and extra bits of lengths 257… and distances 0….
const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [
  ...[
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  ],
  ...[8193, 12289, 16385, 24577],
];
const distanceBits = (symbol: number): number => Math.max(0, (symbol >> 1) - 1);

/** Bits of a stretch of bytes, lowest first. */
class Bits {
  at: number;
  constructor(
    readonly bytes: Uint8Array,
    start: number,
    readonly end: number,
  ) {
    this.at = start * 8;
  }
  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.at++) {
      need(this.at < this.end * 8);
      value += (((this.bytes[this.at >> 3] ?? 0) >> (this.at & 7)) & 1) * 2 ** i;
    }
    return value;
  }
}

/** Codes as texts of 0 and 1, with their symbols; sets that zlib refuses are refused. */
function codesOf(lengths: readonly number[], mayBeSingle: boolean): Map<string, number> {
  const codes = new Map<string, number>();
  let [code, used] = [0, 0];
  for (let length = 1; length <= 15; length++, code *= 2)
    lengths.forEach((each, symbol) => {
      if (each !== length) return;
      codes.set(code.toString(2).padStart(length, "0"), symbol);
      code++;
      used += 2 ** -length;
    });
  const isSingle = mayBeSingle && Math.max(0, ...lengths) <= 1;
  need(used === 1 || (used < 1 && isSingle));
  return codes;
}

function symbolOf(bits: Bits, codes: Map<string, number>): number {
  let text = "";
  while (text.length < 15) {
    text += bits.take(1);
    const symbol = codes.get(text);
    if (symbol !== undefined) return symbol;
  }
  throw new Refused();
}

function dynamicCodes(bits: Bits): Map<string, number>[] {
  const [literals, distances, count] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  need(literals <= 286 && distances <= 30);
  const first = new Array<number>(19).fill(0);
  for (let i = 0; i < count; i++) first[ORDER[i] ?? 0] = bits.take(3);
  const codes = codesOf(first, false);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = symbolOf(bits, codes);
    if (symbol < 16) lengths.push(symbol);
    else {
      need(symbol > 16 || lengths.length > 0);
      const value = symbol === 16 ? (lengths.at(-1) ?? 0) : 0;
      const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
      for (let i = 0; i < times; i++) lengths.push(value);
    }
  }
  need(lengths.length === literals + distances && lengths[256] !== 0);
  return [codesOf(lengths.slice(0, literals), true), codesOf(lengths.slice(literals), true)];
}

const fixedCodes = (): Map<string, number>[] => [
  codesOf(
    Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
    false,
  ),
  codesOf(new Array<number>(32).fill(5), false),
];

function stored(bits: Bits, out: number[]): void {
  bits.at = Math.ceil(bits.at / 8) * 8;
  const length = bits.take(16);
  need(bits.take(16) === 0xffff - length);
  for (let i = 0; i < length; i++) out.push(bits.take(8));
}

function compressed(bits: Bits, [literals, distances]: Map<string, number>[], out: number[]): void {
  for (;;) {
    const symbol = symbolOf(bits, literals ?? new Map());
    if (symbol === 256) return;
    if (symbol < 256) out.push(symbol);
    else {
      need(symbol <= 285);
      const length = (LENGTHS[symbol - 257] ?? 0) + bits.take(LENGTH_BITS[symbol - 257] ?? 0);
      const far = symbolOf(bits, distances ?? new Map());
      need(far < 30);
      const distance = (DISTANCES[far] ?? 0) + bits.take(distanceBits(far));
      need(distance <= out.length);
      for (let i = 0; i < length; i++) out.push(out.at(-distance) ?? 0);
    }
    need(out.length < 2 ** 20); // the corpus holds nothing that long
  }
}

/** CRC-32, bit by bit. */
function crcOf(bytes: ArrayLike<number>): number {
  let crc = 0xffffffff;
  for (const byte of Array.from(bytes))
    for (let bit = 0; bit < 8; bit++) {
      const odd = ((crc ^ (byte >> bit)) & 1) === 1;
      crc = odd ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Where the data of the member starts. */
function dataStart(bytes: Uint8Array): number {
  const at = (i: number): number => {
    need(i < bytes.length - 8);
    return bytes[i] ?? 0;
  };
  need(at(0) === 0x1f && at(1) === 0x8b && at(2) === 8 && at(3) < 32);
  const flags = at(3);
  let start = 10;
  if (flags & 4) start += 2 + at(start) + 256 * at(start + 1);
  for (const flag of [8, 16]) if (flags & flag) while (at(start++) !== 0);
  if (flags & 2) {
    need(at(start) + 256 * at(start + 1) === crcOf(bytes.slice(0, start)) % 65536);
    start += 2;
  }
  return start;
}

/** What a gzip file of one member unpacks to, or undefined: RFC 1951 and 1952, a bit at a time, and no more. */
export function slowGunzip(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const bits = new Bits(bytes, dataStart(bytes), bytes.length - 8);
    const out: number[] = [];
    for (let isLast = false; !isLast; ) {
      isLast = bits.take(1) === 1;
      const type = bits.take(2);
      need(type < 3);
      if (type === 0) stored(bits, out);
      else compressed(bits, type === 1 ? fixedCodes() : dynamicCodes(bits), out);
    }
    need(Math.ceil(bits.at / 8) === bytes.length - 8);
    const end = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8);
    need(end.getUint32(0, true) === crcOf(out) && end.getUint32(4, true) === out.length);
    return Uint8Array.from(out);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
