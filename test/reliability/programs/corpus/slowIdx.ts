interface Element {
  readonly dtype: string;
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

const ELEMENTS: Readonly<Record<number, Element>> = {
  8: { dtype: "uint8", bytes: 1, read: (view, at) => view.getUint8(at) },
  9: { dtype: "int32", bytes: 1, read: (view, at) => view.getInt8(at) },
  11: { dtype: "int32", bytes: 2, read: (view, at) => view.getInt16(at) },
  12: { dtype: "int32", bytes: 4, read: (view, at) => view.getInt32(at) },
  13: { dtype: "float32", bytes: 4, read: (view, at) => view.getFloat32(at) },
  14: { dtype: "float32", bytes: 8, read: (view, at) => Math.fround(view.getFloat64(at)) },
};

/** A value as text; `String` would lose the sign of a zero. */
const textOf = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** The lines of decoded data. */
export const linesOfIdx = (dtype: string, shape: readonly number[], values: ArrayLike<number>): string[] => [
  dtype,
  shape.join("x"),
  Array.from(values, textOf).join(" "),
];

/** What an IDX file holds, or undefined if it is refused. It shares no code with the decoder, which is AssemblyScript. */
export function slowIdx(bytes: Uint8Array): string[] | undefined {
  const element = ELEMENTS[bytes[2] ?? 0];
  const rank = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || element === undefined || rank < 1 || rank > 8) return undefined;
  const start = 4 + 4 * rank;
  if (bytes.length < start) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: rank }, (_, d) => view.getUint32(4 + 4 * d));
  // Sizes count as at least 1, so that no zero hides what the others claim.
  const extent = shape.reduce((product, size) => product * BigInt(size || 1), BigInt(element.bytes));
  if (extent + BigInt(start) > 0xfffffffen) return undefined;
  const n = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== start + n * element.bytes) return undefined;
  const values = Array.from({ length: n }, (_, i) => element.read(view, start + i * element.bytes));
  return linesOfIdx(element.dtype, shape, values);
}
