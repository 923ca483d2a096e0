/** A JSON value with its keys in a list, so that none is lost, and its numbers as they are written. */
type Tree =
  | { kind: "object"; pairs: [string, Tree][] }
  | { kind: "array"; items: Tree[] }
  | { kind: "atom"; text: string };

const SIZES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

const MAX_SAFE = 2n ** 53n - 1n;

class Refused extends Error {}

function need(condition: boolean): asserts condition {
  if (!condition) throw new Refused();
}

/** Builds the tree of text that JSON.parse has accepted, from its tokens. */
function treeOf(text: string): Tree {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? "";
  const value = (): Tree => {
    const token = next();
    if (token === "{") {
      const pairs: [string, Tree][] = [];
      while (tokens[at] !== "}") {
        if (tokens[at] === ",") at++;
        const key = String(JSON.parse(next()));
        need(next() === ":");
        pairs.push([key, value()]);
      }
      at++;
      return { kind: "object", pairs };
    }
    if (token !== "[") return { kind: "atom", text: token };
    const items: Tree[] = [];
    while (tokens[at] !== "]") {
      if (tokens[at] === ",") at++;
      items.push(value());
    }
    at++;
    return { kind: "array", items };
  };
  return value();
}

function pairsOf(tree: Tree | undefined): [string, Tree][] {
  need(tree?.kind === "object");
  need(new Set(tree.pairs.map(([key]) => key)).size === tree.pairs.length);
  return tree.pairs;
}

function textOf(tree: Tree | undefined): string {
  need(tree?.kind === "atom" && tree.text.startsWith('"'));
  return String(JSON.parse(tree.text));
}

function integersOf(tree: Tree | undefined): bigint[] {
  need(tree?.kind === "array");
  return tree.items.map((item) => {
    need(item.kind === "atom" && /^(0|[1-9]\d*)$/.test(item.text) && BigInt(item.text) <= MAX_SAFE);
    return BigInt(item.text);
  });
}

/** The header's JSON, or Refused: everything up to the first tensor. */
function headerTree(bytes: Uint8Array): { tree: Tree; dataStart: number } {
  need(bytes.length >= 8);
  const length = bytes.slice(0, 8).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  need(length <= 100_000_000n && 8n + length <= BigInt(bytes.length));
  const dataStart = 8 + Number(length);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  try {
    text = decoder.decode(bytes.slice(8, dataStart)).replace(/ +$/, "");
    JSON.parse(text);
  } catch {
    need(false);
  }
  need(text.startsWith("{") && text.endsWith("}"));
  return { tree: treeOf(text), dataStart };
}

interface Range {
  begin: number;
  end: number;
}

/** One tensor's claims, as text, and its range. */
function tensorOf(tree: Tree): Range & { dtype: string; shape: string } {
  const fields = new Map(pairsOf(tree));
  need(fields.size === 3);
  const dtype = textOf(fields.get("dtype"));
  const size = Object.hasOwn(SIZES, dtype) ? SIZES[dtype] : undefined;
  need(size !== undefined);
  const shape = integersOf(fields.get("shape"));
  const offsets = integersOf(fields.get("data_offsets"));
  need(offsets.length === 2);
  let n = 1n;
  for (const length of [...shape, BigInt(size)]) {
    n *= length;
    need(n <= MAX_SAFE);
  }
  const [begin = 0n, end = 0n] = offsets;
  need(end - begin === n);
  return { begin: Number(begin), end: Number(end), dtype, shape: shape.join("x") };
}

/** Marks every byte of the data; each must belong to one tensor, and no empty tensor may lie inside another. */
function checkCover(ranges: readonly Range[], bytes: number): void {
  const marks = new Uint8Array(bytes);
  for (const { begin, end } of ranges) {
    need(end <= bytes);
    for (let i = begin; i < end; i++) marks[i] = (marks[i] ?? 0) + 1;
  }
  need(marks.every((count) => count === 1));
  for (const { begin, end } of ranges)
    if (begin === end) need(!ranges.some((other) => other.begin < begin && begin < other.end));
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * What a safetensors file holds, one line for each tensor and each metadata entry, or undefined if the file is refused.
 * It shares no code with the parser: JSON.parse and BigInt judge the header, a mark on every byte the layout.
 */
export function slowSafetensors(bytes: Uint8Array): string[] | undefined {
  try {
    const { tree, dataStart } = headerTree(bytes);
    const lines: string[] = [];
    const ranges: Range[] = [];
    for (const [name, entry] of pairsOf(tree)) {
      if (name === "__metadata__") {
        for (const [key, value] of pairsOf(entry)) lines.push(JSON.stringify([key, textOf(value)]));
        continue;
      }
      const { begin, end, dtype, shape } = tensorOf(entry);
      ranges.push({ begin, end });
      lines.push(JSON.stringify([name, dtype, shape, hex(bytes.slice(dataStart + begin, dataStart + end))]));
    }
    checkCover(ranges, bytes.length - dataStart);
    return lines.sort();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The same lines from what the parser under test returned. */
export function linesOf(
  tensors: Map<string, { dtype: string; shape: number[]; data: ArrayBufferView }>,
  metadata: Map<string, string>,
): string[] {
  const lines = Array.from(metadata, (pair) => JSON.stringify(pair));
  for (const [name, { dtype, shape, data }] of tensors) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    lines.push(JSON.stringify([name, dtype, shape.join("x"), hex(bytes)]));
  }
  return lines.sort();
}
