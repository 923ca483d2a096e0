/**
 * One option of a command. Whatever is said of it anywhere comes from here: how it is read, what is refused, its line in
 * the help, and what a misspelled one may have meant.
 */
export interface Option<Value> {
  /** As it is typed, without the dashes. */
  readonly name: string;
  /** What stands for its value in the help, as `DIR`; undefined for a flag, which takes none. */
  readonly takes: string | undefined;
  /** What it is for, in the help. */
  readonly text: string;
  /** Its range, if it has one, and its default, in the help. */
  readonly notes: readonly string[];
  /**
   * The value.
   *
   * @param text what was typed, "" for a flag; undefined where the option was left out
   * @param refuse throws, told what was expected, and what came if that is not the text
   */
  readonly read: (text: string | undefined, refuse: (expected: string, came?: string) => never) => Value;
}

/** The options of a command by the names of their values: `batchSize` of `--batch-size`. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The values of a table of options. */
export type ValuesOf<Table extends OptionTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Option<infer Value> ? Value : never;
};

/** The largest integer up to which all are exact in float64. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** The number that `text` spells in decimal digits, or undefined. `Number` alone would take "", "0x10" and "Infinity". */
export function toNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

const wholeNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

/** A finite number from 0 to `most`. */
export function number(
  name: string,
  takes: string,
  text: string,
  { preset, most = Number.POSITIVE_INFINITY }: { preset: number; most?: number },
): Option<number> {
  const range = most === Number.POSITIVE_INFINITY ? "at least 0" : `0 to ${most}`;
  const expected = most === Number.POSITIVE_INFINITY ? "a number of at least 0" : `a number from 0 to ${most}`;
  const read: Option<number>["read"] = (typed, refuse) => {
    const value = typed === undefined ? preset : toNumber(typed);
    return value !== undefined && Number.isFinite(value) && value >= 0 && value <= most ? value : refuse(expected);
  };
  return { name, takes, text, notes: [range, `default ${preset}`], read };
}

/** A whole number from `least` on, up to `most` where there is one; the help tells `shown` as the default, `preset` unless given. */
export function integer(
  name: string,
  takes: string,
  text: string,
  {
    preset,
    least,
    most = LARGEST,
    shown = `${preset}`,
  }: { preset: number; least: number; most?: number; shown?: string },
): Option<number> {
  const read: Option<number>["read"] = (typed, refuse) => {
    const value = typed === undefined ? preset : wholeNumber(typed);
    return value >= least && value <= most ? value : refuse(`a whole number from ${least} to ${most}`);
  };
  const range = most === LARGEST ? `${least} or more` : `${least} to ${most}`;
  return { name, takes, text, notes: [range, `default ${shown}`], read };
}

/** The path of a folder; `shown` is the default that the help tells. */
export function folder(name: string, text: string, { shown }: { shown: string }): Option<string | undefined> {
  const read: Option<string | undefined>["read"] = (typed, refuse) =>
    typed?.trim() === "" ? refuse("the path of a folder", "an empty text") : typed;
  return { name, takes: "DIR", text, notes: [`default ${shown}`], read };
}

/** The path of a file that need not be given. */
export function file(name: string, text: string): Option<string | undefined> {
  const read: Option<string | undefined>["read"] = (typed, refuse) =>
    typed?.trim() === "" ? refuse("the path of a file", "an empty text") : typed;
  return { name, takes: "FILE", text, notes: [], read };
}

/** One of a few words, of which the first is the default unless `preset` is another. */
export function choice<Word extends string>(
  name: string,
  takes: string,
  text: string,
  words: readonly [Word, Word, ...Word[]],
  preset: Word,
): Option<Word> {
  const expected = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  const read: Option<Word>["read"] = (typed, refuse) =>
    typed === undefined ? preset : (words.find((word) => word === typed) ?? refuse(expected));
  return { name, takes, text, notes: [`default ${preset}`], read };
}

/** The sizes of a tensor, as `200,1,28,28`; undefined where it was left out. */
export function sizes(
  name: string,
  takes: string,
  text: string,
  { shown }: { shown: string },
): Option<readonly number[] | undefined> {
  const read: Option<readonly number[] | undefined>["read"] = (typed, refuse) => {
    const values = typed?.split(",").map((size) => wholeNumber(size.trim()));
    const sound = values === undefined || (values.length > 1 && values.every((size) => size >= 1 && size <= LARGEST));
    return sound ? values : refuse("two or more whole numbers from 1 on with commas between them, as 200,1,28,28");
  };
  return { name, takes, text, notes: [`default ${shown}`], read };
}

/** True where it is given. */
export function flag(name: string, text: string): Option<boolean> {
  return { name, takes: undefined, text, notes: [], read: (typed) => typed !== undefined };
}
