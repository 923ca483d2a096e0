// R9: reads one bomb and tells the time and the memory that it took.
import { FormatError } from "../../../src/core/errors.ts";
import { decodeIdx } from "../../../src/data/decode.ts";
import { init } from "../../../src/index.ts";
import { parse, parseStream } from "../../../src/io/safetensors.ts";
import { HAND_MADE } from "./corpus/handMade.ts";

type Reader = (bytes: Uint8Array<ArrayBuffer>) => unknown;

const READERS: Readonly<Record<string, Reader>> = {
  parse: (bytes) => parse(bytes),
  parseStream: (bytes) => parseStream(new Response(bytes)),
  decodeIdx: (bytes) => decodeIdx(bytes),
};

/** "accepted", or the code of the FormatError; any other error passes through. */
async function verdictOf(read: Reader, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    await read(bytes);
    return "accepted";
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
}

/** Resident memory now and at its peak, in MB; undefined where the system does not tell. */
async function residentMemory(): Promise<{ now: number; peak: number } | undefined> {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile("/proc/self/status", "utf8").catch(() => "");
  const [now, peak] = ["VmRSS", "VmHWM"].map(
    (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024,
  );
  return now && peak ? { now, peak } : undefined;
}

/** Forgets the peak so far. */
async function resetPeak(): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await writeFile("/proc/self/clear_refs", "5").catch(() => undefined);
}

/** Milliseconds that this process has used processors. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Reads the file once. @returns its verdict, milliseconds, and the peak of the memory in MB above what was held before */
export async function main({ file, reader }: { file: string; reader: string }): Promise<object> {
  const read = READERS[reader] as Reader;
  await init({ device: "cpu" });
  // The engine loads code for what it does first: that is no cost of the bomb.
  for (const { kind, bytes } of HAND_MADE)
    if ((kind === "safetensors") === (reader !== "decodeIdx")) await verdictOf(read, bytes);
  const { readFile } = await import("node:fs/promises");
  const bytes = new Uint8Array(await readFile(file));
  await resetPeak();
  const before = await residentMemory();
  const [start, used] = [performance.now(), processorTime()];
  const verdict = await verdictOf(read, bytes);
  // On a machine that does other things the processor's time is the shorter.
  const ms = Math.min(performance.now() - start, processorTime() - used);
  const after = await residentMemory();
  return { verdict, ms, mb: before && after ? after.peak - before.now : undefined };
}

const [, , file = "", reader = ""] = process.argv;
console.log(
  `<<${JSON.stringify(await main({ file, reader }).catch((error: unknown) => ({ verdict: String(error) })))}>>`,
);
