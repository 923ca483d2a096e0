import { FormatError } from "../../core/errors.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const SPACE = 0x20;
// Up to here a loop makes a string sooner than a TextDecoder does.
const SHORT = 64;
// Number.MAX_SAFE_INTEGER has 16 digits.
const MAX_DIGITS = 16;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** What may follow a backslash: " \\ / b f n r t u. */
const ESCAPES: ReadonlySet<number> = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74, 0x75]);

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  // By fours: fewer calls, and fewer pieces to join.
  for (; at + 4 <= end; at += 4)
    text += String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
  for (; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

const isHex = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** A name as a message shows it: in quotes, escaped, cut after 60 characters. */
export const showName = (name: string): string =>
  name.length <= 60 ? JSON.stringify(name) : `${JSON.stringify(name.slice(0, 60))}…`;

/**
 * Reads JSON token by token from bytes that are known to be UTF-8. The reader says what it expects next, so a value of
 * another kind, however deeply nested, ends the scan at its first byte: nothing here recurses, and every byte is read a
 * fixed number of times. `JSON.parse` would keep the last of duplicate keys and round integers above 2^53.
 */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** The byte that is read next. */
  get offset(): number {
    return this.#at;
  }

  /** Throws the FormatError for JSON that is malformed or not of the expected kind. */
  fail(expected: string, offset: number = this.#at): never {
    const byte = offset < this.#end ? this.#bytes[offset] : undefined;
    const shown = byte !== undefined && byte > SPACE && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`;
    const got = byte === undefined ? "the end of the header" : shown;
    const sentence = `safetensors: the header must hold ${expected} at byte ${offset}, got ${got}`;
    throw new FormatError("InvalidHeaderDeserialization", offset, sentence);
  }

  /** Skips white space, then takes `byte` if it comes next. */
  tryTake(byte: number): boolean {
    this.#skipSpace();
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** Takes one punctuation character, after white space. */
  take(character: string): void {
    if (!this.tryTake(character.charCodeAt(0))) this.fail(`"${character}"`);
  }

  /** Reads `{ "key": value, … }`; `readValue` must read the value. Equal keys, after unescaping, are refused. */
  object(readValue: (key: string, keyOffset: number) => void): void {
    this.take("{");
    if (this.tryTake(0x7d)) return;
    const keys = new Set<string>();
    do {
      this.#skipSpace();
      const keyOffset = this.#at;
      const key = this.string("a key in double quotes");
      if (keys.has(key)) {
        const sentence = `safetensors: the header repeats the key ${showName(key)} at byte ${keyOffset}; keys must differ`;
        throw new FormatError("DuplicateKey", keyOffset, sentence);
      }
      keys.add(key);
      this.take(":");
      readValue(key, keyOffset);
    } while (this.tryTake(COMMA));
    if (!this.tryTake(0x7d)) this.fail('"," or "}"');
  }

  /** Reads `[1, 2, …]`, non-negative integers that a double holds exactly. */
  integers(): number[] {
    const values: number[] = [];
    this.take("[");
    if (this.tryTake(0x5d)) return values;
    do values.push(this.#integer());
    while (this.tryTake(COMMA));
    if (!this.tryTake(0x5d)) this.fail('"," or "]"');
    return values;
  }

  /** Reads a string; an unpaired surrogate written as an escape stays in it. */
  string(expected: string): string {
    if (!this.tryTake(QUOTE)) this.fail(expected);
    const start = this.#at;
    const plain = this.#skipText();
    const end = this.#at++;
    if (plain && end - start <= SHORT) return asciiText(this.#bytes, start, end);
    // Copied, because a decoder in a page refuses shared memory.
    const copy = new Uint8Array(this.#bytes.subarray(start, end));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(copy);
    return text.includes("\\") ? String(JSON.parse(`"${text}"`)) : text;
  }

  /** Checks that only spaces follow, as the format's padding. */
  finish(): void {
    for (; this.#at < this.#end; this.#at++) {
      if (this.#bytes[this.#at] !== SPACE) this.fail("nothing but spaces after its closing brace");
    }
  }

  #skipSpace(): void {
    for (; this.#at < this.#end; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    }
  }

  /** Goes to the closing quote; true if there are only ASCII characters without escapes up to it. */
  #skipText(): boolean {
    const bytes = this.#bytes;
    let plain = true;
    let at = this.#at;
    for (; ; at++) {
      const byte = at < this.#end ? bytes[at]! : 0;
      if (byte === QUOTE) break;
      if (byte < SPACE) this.fail("a closing double quote", at);
      if (byte === BACKSLASH) at = this.#escapeEnd(at);
      if (byte === BACKSLASH || byte > 0x7f) plain = false;
    }
    this.#at = at;
    return plain;
  }

  /** The last byte of the escape whose backslash is at `start`. */
  #escapeEnd(start: number): number {
    const kind = start + 1 < this.#end ? (this.#bytes[start + 1] ?? 0) : 0;
    if (!ESCAPES.has(kind)) this.fail("a JSON escape", start + 1);
    if (kind !== 0x75) return start + 1;
    for (let at = start + 2; at < start + 6; at++) {
      if (at >= this.#end || !isHex(this.#bytes[at])) this.fail("four hexadecimal digits after \\u", at);
    }
    return start + 5;
  }

  #integer(): number {
    this.#skipSpace();
    const start = this.#at;
    let value = 0;
    while (this.#at < this.#end && isDigit(this.#bytes[this.#at]) && this.#at - start <= MAX_DIGITS) {
      // Not value * 10 + byte - 0x30, whose first sum may round.
      value = value * 10 + ((this.#bytes[this.#at++] ?? 0) - 0x30);
    }
    const digits = this.#at - start;
    const leadingZero = digits > 1 && this.#bytes[start] === 0x30;
    if (digits === 0 || leadingZero || digits > MAX_DIGITS || !Number.isSafeInteger(value))
      this.fail("a whole number from 0 to 2^53 - 1 in plain digits", start);
    // A fraction or an exponent would show as the next byte and is refused there, as it is not "," or "]".
    return value;
  }
}
