import { styleText } from "node:util";

/** Where text goes: how wide it may be, and whether in colours. */
export interface Screen {
  /** Columns to lay text out in, 40 to 100; 80 where the stream is no terminal. */
  readonly columns: number;
  /** True where someone looks at a terminal: tables may be cut to its width. */
  readonly isTerminal: boolean;
  /** The text in a style, or as it is where there are no colours. */
  readonly paint: (style: Style, text: string) => string;
}

/** The styles in use: few, and all of the terminal's own palette. */
export type Style = "bold" | "dim" | "cyan" | "green" | "yellow" | "red";

/** What `screenOf` looks at; `process.stdout` and `process.stderr` are such streams. */
export interface ScreenStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const NARROWEST = 40;
const WIDEST = 100;

/**
 * What a stream is. Colours: never where `NO_COLOR` is set to anything but "" or `TERM` is `dumb`; else where `FORCE_COLOR`
 * is set to anything but "" and "0"; else on terminals.
 *
 * @param environment `process.env`
 * @see https://no-color.org
 */
export function screenOf(
  stream: ScreenStream,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Screen {
  const isTerminal = stream.isTTY === true;
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  const wanted = FORCE_COLOR === undefined || FORCE_COLOR === "" ? isTerminal && TERM !== "dumb" : forced;
  const coloured = wanted && !NO_COLOR;
  const columns = isTerminal ? stream.columns || 80 : 80;
  return {
    columns: Math.min(WIDEST, Math.max(NARROWEST, columns)),
    isTerminal,
    // Judged above: Node's own judgement looks at stdout alone.
    paint: (style, text) => (coloured && text !== "" ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Lines of at most `width` columns, broken at spaces; a word that is longer has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line === "") line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** A text from a file, safe for a terminal: control characters, which could move the cursor, are written as escapes. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });

/** A whole number with a comma after each three digits. */
export const thousands = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
