// R8: hand-made and mutated files, read by the parsers and by slow second ones.
import { FormatError } from "../../../src/core/errors.ts";
import { defaultDevice } from "../../../src/backend/device.ts";
import { init } from "../../../src/index.ts";
import { BASES } from "./corpus/bases.ts";
import { HAND_MADE } from "./corpus/handMade.ts";
import { CLASSES, mutantOf } from "./corpus/mutants.ts";
import { HANG_MS, judge, type Sample } from "./corpus/judge.ts";

/** What `main` is told. */
interface Plan {
  /** Mutants, from seed 0 on. */
  readonly mutants: number;
  /** Whether the slow parsers read too; where they do not, the verdicts alone are of interest. */
  readonly compare: boolean;
}

/** What `main` tells. */
interface Report {
  readonly passed: number;
  readonly tried: number;
  readonly failures: string[];
  /** Eight digits for each verdict in order: code and offset, or what the accepted file holds. */
  readonly marks: string;
  /** Accepted and refused mutants by kind and change. */
  readonly counts: Record<string, [accepted: number, refused: number]>;
  /** The share of mutants that were changed in a header, an offset or a length. */
  readonly inHeads: number;
  /** Files before the mutants. */
  readonly sound: number;
  /** Milliseconds of the slowest file, at its fastest of three tries where it took more than the limit. */
  readonly slowest: number;
  /** Growth of the process in MB after the first files. */
  readonly rss: number;
}

const MB = 2 ** 20;
const KEPT = 20;
const KINDS = ["safetensors", "idx", "gzip"];
/** Files after which the engine has its code and its heap. */
const WARM = 1200;

/** Resident memory without garbage, where the engine was started with `--expose-gc`. */
function rssOf(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return 0;
  gc();
  return process.memoryUsage().rss;
}

/** Eight hexadecimal digits of a text: FNV-1a over its 16-bit units. */
function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** All files in order: sound ones, which must be accepted, hand-made ones, and mutants. */
function* samples(mutants: number): Generator<Sample & { group?: string; isInHead?: boolean }> {
  for (const [i, { kind, bytes }] of BASES.entries()) yield { name: `sound ${kind} ${i}`, kind, bytes, isSound: true };
  for (const { what, ...each } of HAND_MADE) yield { name: `${each.kind}, ${what}`, ...each };
  for (let seed = 0; seed < mutants; seed++) {
    const { kind, change, isInHead, bytes } = mutantOf(seed);
    yield { name: `mutant ${seed}, ${kind}, ${change}`, kind, bytes, group: `${kind}, ${change}`, isInHead };
  }
}

/** Yields to timers now and then: awaits that are resolved already do not. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Reads the corpus once. */
async function readAll(mutants: number, compare: boolean, memory: WebAssembly.Memory): Promise<Report> {
  const counts: Report["counts"] = Object.fromEntries(
    KINDS.flatMap((kind) => CLASSES.map((each) => [`${kind}, ${each}`, [0, 0]])),
  );
  const [marks, failures]: [string[], string[]] = [[], []];
  let [tried, failed, heads, slowest, warm, most, pages] = [0, 0, 0, 0, 0, 0, 0];
  for (const sample of samples(mutants)) {
    const { verdict, isAccepted, faults, ms } = await judge(sample, compare, FormatError);
    if (tried++ === BASES.length) pages = memory.buffer.byteLength;
    marks.push(markOf(verdict));
    if (faults.length > 0 && failed++ < KEPT) failures.push(`${sample.name}: ${faults.join("; ")}`);
    slowest = Math.max(slowest, ms);
    if (sample.group !== undefined) counts[sample.group]![isAccepted ? 0 : 1]++;
    if (sample.isInHead === true) heads++;
    if (tried % 100 === 0) await pause();
    if (tried % 400 === 0 && tried >= WARM) {
      warm ||= rssOf();
      most = Math.max(most, rssOf());
    }
  }
  const grown = memory.buffer.byteLength - pages;
  if (grown !== 0) failures.push(`the module's memory grew by ${grown} bytes`);
  if (slowest > HANG_MS) failures.push(`a file took ${Math.round(slowest)} ms`);
  const numbers = { passed: tried - failed, tried, slowest, rss: (most - warm) / MB, sound: tried - mutants };
  return { ...numbers, failures, counts, inHeads: heads / mutants, marks: marks.join("") };
}

/** Reads the corpus, and once more to compare: the slow parsers take memory of their own. */
export async function main({ mutants, compare }: Plan): Promise<Report> {
  await init({ device: "cpu" });
  const { memory } = defaultDevice().host as unknown as { memory: WebAssembly.Memory };
  const report = await readAll(mutants, false, memory);
  if (!compare) return report;
  const compared = await readAll(mutants, true, memory);
  const again = compared.marks === report.marks ? [] : ["a second reading gave other verdicts"];
  return { ...compared, rss: report.rss, failures: [...compared.failures, ...again] };
}
