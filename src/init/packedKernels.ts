import { fillMathTables, type TableOffsets } from "../backend/cpu/mathTables.ts";
import { unpackLzma } from "../io/lzma.ts";

/** The kernels as the bundle carries them: a third of their size. */
export interface PackedKernels {
  /** LZMA data without header, in base64. */
  readonly data: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Where the file has tables that are computed. */
  readonly tables: TableOffsets;
}

/** The bytes of `torchlet/kernels.wasm`. */
export function unpackKernels({ data, size, tables }: PackedKernels): Uint8Array<ArrayBuffer> {
  const packed = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const wasm = unpackLzma(packed, size);
  fillMathTables(wasm, tables);
  return wasm;
}
