/** A value that JSON holds. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** Something to run or to get, and what it is for. */
export interface Advice {
  /** A command line, or a sentence where no command does it. */
  readonly run: string;
  readonly why?: string;
}

/** What was found out about one thing that torchlet uses. */
export interface Finding {
  /** Its key in JSON. */
  readonly key: string;
  /** Its name for people, of at most 8 characters. */
  readonly name: string;
  /** `missing`: not there, and not needed for the CPU path; `broken`: there, and does not work. */
  readonly state: "works" | "missing" | "broken";
  /** One sentence without a full stop. */
  readonly says: string;
  /** What would mend it; the first that can be had is enough. */
  readonly advice?: readonly Advice[];
  /** The numbers and names behind the sentence. */
  readonly facts: { readonly [key: string]: Json };
}

/** An error's sentence, in one line. */
export const sentenceOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
