import { decodeIdx } from "../../../../src/data/decode.ts";
import { parse, parseStream } from "../../../../src/io/safetensors.ts";
import { linesOf, slowSafetensors } from "../../../io/slowSafetensors.ts";
import type { Kind } from "./bases.ts";
import { slowGunzip } from "./slowGzip.ts";
import { linesOfIdx, slowIdx } from "./slowIdx.ts";

/** A file of the corpus, and what is known of it. */
export interface Sample {
  readonly name: string;
  readonly kind: Kind;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isSound?: boolean;
  readonly code?: string;
  readonly offset?: number;
}

/** A file that takes longer is a hang. */
export const HANG_MS = 100;

/** What a parser made of a file: lines of what it holds, or why it was refused. */
type Outcome =
  | { readonly lines: string[] }
  | { readonly code: string; readonly offset: number; readonly fault?: string };

interface Refusal extends Error {
  readonly code: string;
  readonly offset: number;
}

/** The code and the offset of a FormatError; whatever else was thrown is a fault. */
function refusal(error: unknown, formatError: abstract new (...args: never[]) => Refusal): Outcome {
  if (!(error instanceof formatError)) return { code: "none", offset: 0, fault: `threw ${String(error)}` };
  const { code, offset, message } = error;
  const isSound = code.length > 0 && Number.isSafeInteger(offset) && offset >= 0 && message.length > 10;
  return isSound ? { code, offset } : { code, offset, fault: `an error without code, offset or reason: ${message}` };
}

async function read({ kind, bytes }: Sample): Promise<string[]> {
  if (kind === "safetensors") {
    const { tensors, metadata } = parse(bytes);
    return linesOf(tensors, metadata);
  }
  const { dtype, shape, data } = await decodeIdx(bytes);
  return linesOfIdx(dtype, shape, data);
}

async function readStream({ bytes }: Sample): Promise<string[]> {
  const { tensors, metadata } = await parseStream(new Response(bytes));
  return linesOf(tensors, metadata);
}

function slowly({ kind, bytes }: Sample): string[] | undefined {
  if (kind === "safetensors") return slowSafetensors(bytes);
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? slowGunzip(bytes) : bytes;
  return plain && slowIdx(plain);
}

const textOf = (outcome: Outcome): string =>
  "lines" in outcome ? `accepted ${outcome.lines.join("\n")}` : `${outcome.code} at ${outcome.offset}`;

/** Runs a parser, again where it took long: whatever else the machine does is no fault of the parser. */
async function timed(work: () => Promise<Outcome>): Promise<{ outcome: Outcome; ms: number }> {
  let fastest = Infinity;
  for (let i = 0; ; i++) {
    const start = performance.now();
    const outcome = await work();
    fastest = Math.min(fastest, performance.now() - start);
    if (fastest <= HANG_MS || i === 2) return { outcome, ms: fastest };
  }
}

function faultsOf(sample: Sample, outcome: Outcome): string[] {
  const faults: string[] = [];
  if ("lines" in outcome) return sample.code === undefined ? [] : [`accepted, expected ${sample.code}`];
  if (outcome.fault !== undefined) faults.push(outcome.fault);
  if (sample.isSound === true) faults.push(`refused by ${textOf(outcome)}`);
  if (sample.code !== undefined && sample.code !== outcome.code)
    faults.push(`got ${outcome.code}, expected ${sample.code}`);
  if (sample.offset !== undefined && sample.offset !== outcome.offset)
    faults.push(`refused at byte ${outcome.offset}, expected ${sample.offset}`);
  return faults;
}

/** What is to be said of a file. */
export interface Judgement {
  readonly verdict: string;
  readonly isAccepted: boolean;
  readonly faults: string[];
  readonly ms: number;
}

/** Reads a file by the parser, and compares: with what is known of it, with the slow parser, and with the stream's reader. */
export async function judge(
  sample: Sample,
  compare: boolean,
  formatError: abstract new (...args: never[]) => Refusal,
): Promise<Judgement> {
  const attempt = (work: (sample: Sample) => Promise<string[]>) => (): Promise<Outcome> =>
    work(sample).then(
      (lines) => ({ lines }),
      (error: unknown) => refusal(error, formatError),
    );
  const { outcome, ms } = await timed(attempt(read));
  const verdict = textOf(outcome);
  const faults = faultsOf(sample, outcome);
  if (sample.kind === "safetensors") {
    const streamed = textOf(await attempt(readStream)());
    if (streamed !== verdict) faults.push(`${verdict}, but ${streamed} from a stream`);
  }
  if (compare) {
    const lines = slowly(sample);
    const isSame = lines === undefined ? !("lines" in outcome) : verdict === textOf({ lines });
    if (!isSame) faults.push(`${verdict}, but the slow parser: ${lines?.join("\n") ?? "refused"}`);
  }
  return { verdict, isAccepted: "lines" in outcome, faults, ms };
}
