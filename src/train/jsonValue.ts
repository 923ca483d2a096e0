import { FormatError } from "../core/errors.ts";

/** The broken rule of a checkpoint whose text is none, or says what cannot be. */
const CODE = "checkpoint-state";

const isSpecial = (value: number): boolean => !Number.isFinite(value) || Object.is(value, -0);
const SPECIALS = ["NaN", "Infinity", "-Infinity", "-0"];

/** JSON in which numbers that it has no words for are texts. */
export const toJson = (value: object): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === "number" && isSpecial(each) ? (Object.is(each, -0) ? "-0" : String(each)) : each,
  );

/** A part of a JSON text that somebody else may have written: every question is answered, or refused with its place. */
export class JsonValue {
  readonly #value: unknown;
  readonly #place: string;

  constructor(value: unknown, place: string) {
    this.#value = value;
    this.#place = place;
  }

  /** @throws FormatError where the text is no JSON */
  static parse(text: string, place: string): JsonValue {
    try {
      return new JsonValue(JSON.parse(text), place);
    } catch {
      throw new FormatError(CODE, 0, `checkpoint: ${place} is no JSON; the file is damaged`);
    }
  }

  get isMissing(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  get(name: string): JsonValue {
    const value = this.#value;
    if (typeof value !== "object" || value === null) return this.#refuse("an object");
    return new JsonValue(Object.getOwnPropertyDescriptor(value, name)?.value, `${this.#place}.${name}`);
  }

  /** Any number, those included that JSON has no words for. */
  number(): number {
    const value = this.#value;
    if (typeof value === "string" && SPECIALS.includes(value)) return Number(value);
    return typeof value === "number" ? value : this.#refuse("a number");
  }

  /** A whole number from `least` on. */
  count(least = 0): number {
    const value = this.#value;
    return Number.isSafeInteger(value) && Number(value) >= least
      ? Number(value)
      : this.#refuse(`an integer from ${least} on`);
  }

  /** A whole number in [0, 2^64), in decimal digits. */
  word64(): bigint {
    const value = this.#value;
    const whole = typeof value === "string" && /^\d{1,20}$/.test(value) ? BigInt(value) : -1n;
    return whole >= 0n && whole < 2n ** 64n ? whole : this.#refuse("an integer below 2^64 in digits");
  }

  boolean(): boolean {
    return typeof this.#value === "boolean" ? this.#value : this.#refuse("true or false");
  }

  text(): string {
    return typeof this.#value === "string" ? this.#value : this.#refuse("a text");
  }

  /** One of a few words. */
  word<Word extends string>(...words: readonly Word[]): Word {
    return words.find((word) => word === this.#value) ?? this.#refuse(words.join(" or "));
  }

  list(): JsonValue[] {
    const value = this.#value;
    if (!Array.isArray(value)) return this.#refuse("a list");
    return value.map((each: unknown, i) => new JsonValue(each, `${this.#place}[${i}]`));
  }

  /** The entries of an object. */
  entries(): [string, JsonValue][] {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return this.#refuse("an object");
    return Object.entries(value).map(([name, each]) => [name, new JsonValue(each, `${this.#place}.${name}`)]);
  }

  /** What it is, whatever that is. */
  raw(): unknown {
    return this.#value;
  }

  #refuse(expected: string): never {
    const came = JSON.stringify(this.#value)?.slice(0, 40) ?? "nothing";
    throw new FormatError(CODE, 0, `checkpoint: ${this.#place} must be ${expected}, got ${came}; the file is damaged`);
  }
}
