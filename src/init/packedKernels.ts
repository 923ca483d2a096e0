import { fillMathTables, type TableOffsets } from "../backend/cpu/mathTables.ts";
import { unpackLzma } from "../io/lzma.ts";

/** The kernels as the bundle carries them: a third of their size. */
export interface PackedKernels {
  /** LZMA data without header, as `unpackText` reads it. */
  readonly data: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Where the file has tables that are computed. */
  readonly tables: TableOffsets;
}

/** The first of 92 letters in ASCII's order, and how many of them are worth six bits; the others are worth seven. */
const FIRST = 35;
const SHORT = 36;

/**
 * Bytes of text, the highest bit first. A letter is worth six bits or seven, just as many as a compressor's code gives each of 92
 * that come alike often. So text costs no more than base64 does, and has fewer letters: compressors make a new code after every
 * so many (zlib after 16,383), and what follows costs more where it shares one with the end of this. A space stands for "<", which
 * means something to pages, and "!" for the backslash, which does to strings.
 */
function unpackText(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let [held, count] = [0, 0];
  for (const letter of text.replaceAll(" ", "<").replaceAll("!", "\\")) {
    const value = letter.charCodeAt(0) - FIRST;
    const isShort = value < SHORT;
    held = isShort ? (held << 6) | value : (held << 7) | (value + SHORT);
    count += isShort ? 6 : 7;
    if (count < 8) continue;
    count -= 8;
    bytes.push((held >> count) & 255);
  }
  return Uint8Array.from(bytes);
}

/** The bytes of `torchlet/kernels.wasm`. */
export function unpackKernels({ data, size, tables }: PackedKernels): Uint8Array<ArrayBuffer> {
  const wasm = unpackLzma(unpackText(data), size);
  fillMathTables(wasm, tables);
  return wasm;
}
