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

/** Decodes UTF-8 of any length. */
function decode(bytes: Uint8Array): string {
  // A decoder in a page refuses shared memory.
  const own = bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(own);
}

const isHex = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** A name as a message shows it: in quotes, escaped, cut after 60 characters. */
export const showName = (name: string): string =>
  name.length <= 60 ? JSON.stringify(name) : `${JSON.stringify(name.slice(0, 60))}…`;

/** The most that is kept of a text, so that what is read costs little more memory than the file itself. */
export interface JsonLimits {
  /** Keys of one object. */
  readonly keys: number;
  /** Numbers of one array. */
  readonly numbers: number;
  /** Bytes of all strings together. */
  readonly text: number;
}

/**
 * Reads JSON token by token from bytes that are known to be UTF-8. The reader says what it expects next, so a value of
 * another kind, however deeply nested, ends the scan at its first byte: nothing here recurses, and every byte is read a
 * fixed number of times. `JSON.parse` would keep the last of duplicate keys and round integers above 2^53.
 */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #limits: JsonLimits;
  #at: number;
  #text = 0;
  /** Room for one array at a time: those that grow leave garbage. */
  readonly #numbers: number[] = [];

  constructor(bytes: Uint8Array, start: number, end: number, limits: JsonLimits) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#limits = limits;
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

  /** Throws the FormatError for a key that comes twice. */
  #repeated(key: string, offset: number): never {
    const sentence = `safetensors: the header repeats the key ${showName(key)} at byte ${offset}; keys must differ`;
    throw new FormatError("DuplicateKey", offset, sentence);
  }

  #tooMany(code: string, what: string, offset: number): never {
    const sentence = `safetensors: the header has more than ${what} at byte ${offset}; trusted: true reads such files too`;
    throw new FormatError(code, offset, sentence);
  }

  /** Skips white space, then takes `byte` if it comes next. */
  tryTake(byte: number): boolean {
    if (this.#at < this.#end && this.#bytes[this.#at] === byte) {
      this.#at++;
      return true;
    }
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
    const keys = new Set<string>();
    this.#items((keyOffset) => {
      const key = this.string("a key in double quotes");
      const before = keys.size;
      keys.add(key);
      if (keys.size === before) this.#repeated(key, keyOffset);
      if (before >= this.#limits.keys) this.#tooMany("TooManyKeys", `${before} entries in one place`, keyOffset);
      this.take(":");
      readValue(key, keyOffset);
      return true;
    });
  }

  /** Reads `{ "key": value, … }` and returns true, or stops before the first key that is not one of `words`: false. */
  fields(words: readonly string[], readValue: (key: string) => void): boolean {
    let seen = 0;
    return this.#items((keyOffset) => {
      const index = words.indexOf(this.word(words, "a key in double quotes"));
      const bit = 1 << index;
      if (index < 0) this.#at = keyOffset;
      else if ((seen & bit) !== 0) this.#repeated(words[index]!, keyOffset);
      else {
        seen |= bit;
        this.take(":");
        readValue(words[index]!);
      }
      return index >= 0;
    });
  }

  /** Reads `{ item, … }` and returns true; false as soon as `readItem`, which is told where the item starts, returns it. */
  #items(readItem: (offset: number) => boolean): boolean {
    this.take("{");
    if (this.tryTake(0x7d)) return true;
    do {
      this.#skipSpace();
      if (!readItem(this.#at)) return false;
    } while (this.tryTake(COMMA));
    if (!this.tryTake(0x7d)) this.fail('"," or "}"');
    return true;
  }

  /** Reads `[1, 2, …]`, non-negative integers that a double holds exactly. */
  integers(): number[] {
    this.take("[");
    if (this.tryTake(0x5d)) return [];
    let n = 0;
    do {
      if (n >= this.#limits.numbers) this.#tooMany("TooManySizes", `${n} sizes in one shape`, this.#at);
      this.#numbers[n++] = this.#integer();
    } while (this.tryTake(COMMA));
    if (!this.tryTake(0x5d)) this.fail('"," or "]"');
    return this.#numbers.slice(0, n);
  }

  /** Reads a string; an unpaired surrogate written as an escape stays in it. */
  string(expected: string): string {
    if (!this.tryTake(QUOTE)) this.fail(expected);
    const start = this.#at;
    const most = start + this.#limits.text - this.#text;
    const plain = this.#skipText(most);
    const end = this.#at++;
    this.#text += end - start;
    if (end > most) this.#tooMany("TooMuchText", `${this.#limits.text} bytes of names and metadata`, start);
    if (plain && end - start <= SHORT) return asciiText(this.#bytes, start, end);
    const text = decode(this.#bytes.subarray(start, end));
    return text.includes("\\") ? String(JSON.parse(`"${text}"`)) : text;
  }

  /** Reads a string that is most likely one of `words`, which then costs no new text. */
  word(words: readonly string[], expected: string): string {
    this.#skipSpace();
    const start = this.#at + 1;
    for (const word of words) {
      let i = 0;
      while (i < word.length && this.#bytes[start + i] === word.charCodeAt(i)) i++;
      const end = start + word.length;
      if (i < word.length || end >= this.#end || this.#bytes[end] !== QUOTE || this.#bytes[start - 1] !== QUOTE)
        continue;
      this.#at = end + 1;
      return word;
    }
    return this.string(expected);
  }

  /** Checks that only spaces follow, as the format's padding. */
  finish(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    while (at < end && bytes[at] === SPACE) at++;
    this.#at = at;
    if (at < end) this.fail("nothing but spaces after its closing brace");
  }

  #skipSpace(): void {
    for (; this.#at < this.#end; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    }
  }

  /** Goes to the closing quote, or past `most`; true if there are only ASCII characters without escapes up to it. */
  #skipText(most: number): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let plain = true;
    let at = this.#at;
    for (; at <= most; at++) {
      const byte = at < end ? bytes[at]! : 0;
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
