import { readFileSync } from "node:fs";

/**
 * A fenced block of a page. Its info string is the language, words, and settings `name=value`; what they mean to the tests
 * is told in CONTRIBUTING.md.
 */
export interface Block {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly code: string;
  /** The text block that comes next, if one does and belongs to this block. */
  readonly expected: Block | undefined;
}

/** Where a block stands, for messages. */
export const placeOf = ({ page, line }: Block): string => `${page}:${line}`;

interface Fence {
  readonly line: number;
  readonly info: string;
  readonly code: string;
}

function fencesOf(page: string, text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { line: number; info: string; mark: string; lines: string[] } | undefined;
  text.split("\n").forEach((line, i) => {
    const [, mark = "", info = ""] = /^(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open === undefined) {
      if (/^\s+(`{3,}|~{3,})/.test(line)) throw new SyntaxError(`${page}:${i + 1}: a fence must not be indented`);
      if (mark) open = { line: i + 1, info: info.trim(), mark, lines: [] };
    } else if (mark === open.mark && info === "") {
      fences.push({ line: open.line, info: open.info, code: `${open.lines.join("\n")}\n` });
      open = undefined;
    } else open.lines.push(line);
  });
  if (open) throw new SyntaxError(`${page}:${open.line}: this block does not end`);
  return fences;
}

function blockOf(page: string, { line, info, code }: Fence, expected: Block | undefined): Block {
  const [language = "", ...rest] = info.split(/\s+/);
  const settings = rest.filter((word) => word.includes("="));
  return {
    page,
    line,
    language,
    words: rest.filter((word) => !word.includes("=")),
    settings: Object.fromEntries(settings.map((word) => word.split(/=(.*)/s, 2) as [string, string])),
    code,
    expected,
  };
}

/** The blocks of a page in order, text blocks that show another block's output left to that block. */
export function blocksOf(page: string, text = readFileSync(page, "utf8")): Block[] {
  const blocks: Block[] = [];
  const fences = fencesOf(page, text);
  for (let i = fences.length - 1; i >= 0; i--) {
    const next = blocks[0];
    const isOutput = next?.language === "text" && next.settings["of"] === undefined;
    const block = blockOf(page, fences[i] as Fence, isOutput ? next : undefined);
    if (isOutput && block.language !== "text") blocks.shift();
    blocks.unshift(block);
  }
  return blocks;
}

/** Matches what was printed against what a page shows: `…` stands for anything in a line, alone in a line for any lines. */
export function matches(shown: string, printed: string): boolean {
  const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const lines = shown.trimEnd().split("\n");
  const patterns = lines.map((line) =>
    line.trim() === "…" ? "(?:.*\\n)*?" : `${escaped(line.trimEnd()).replaceAll("…", ".*")} *\\n`,
  );
  return new RegExp(`^${patterns.join("")}$`).test(`${printed.trimEnd()}\n`);
}
