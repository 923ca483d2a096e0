import { examineChrome } from "./doctor/examineChrome.ts";
import { examineCpu } from "./doctor/examineCpu.ts";
import { examineData } from "./doctor/examineData.ts";
import { type Finding, sentenceOf } from "./doctor/finding.ts";
import { examineGpu } from "./doctor/examineGpu.ts";
import { findingText, verdict } from "./doctor/findingText.ts";
import { examineMemory, examineRuntime } from "./doctor/system.ts";
import type { DoctorOptions } from "./options.ts";
import { screenOf } from "./screen.ts";

/**
 * `torchlet doctor`: everything that torchlet can use here, and what to install for what is missing. What one look finds
 * out never keeps the others from being told.
 *
 * @param version torchlet's
 * @returns the exit code: 0 if the CPU path works, else 1
 */
export async function doctorCommand({ data, json }: DoctorOptions, version: string): Promise<number> {
  const screen = screenOf(process.stdout);
  const findings: Finding[] = [];
  const tell = (finding: Finding) => {
    findings.push(finding);
    if (!json) console.log(findingText(finding, screen));
  };
  const controller = new AbortController();
  const interrupt = () => {
    controller.abort(); // ends the process that looks for a GPU
    process.exit(130); // through "exit", where Chrome and its profile are removed
  };
  process.once("SIGINT", interrupt);
  if (!json) console.log(`${screen.paint("bold", `torchlet ${version}`)}\n`);
  for await (const finding of examine(data, controller.signal)) tell(finding);
  process.off("SIGINT", interrupt);
  const works = findings.some(({ key, state }) => key === "cpu" && state === "works");
  console.log(json ? JSON.stringify(asJson(version, works, findings)) : `\n${verdict(findings, data, screen)}`);
  return works ? 0 : 1;
}

async function* examine(data: string, signal: AbortSignal): AsyncGenerator<Finding> {
  yield* look("runtime", "Runtime", examineRuntime);
  yield* look("memory", "Memory", examineMemory);
  let works = false;
  for await (const cpu of look("cpu", "CPU", examineCpu)) {
    works = cpu.state === "works";
    yield cpu;
  }
  yield* look("data", "Data", () => examineData(data, works));
  yield* look("webgpu", "WebGPU", () => examineGpu(signal));
  yield* look("chrome", "Chrome", () => examineChrome(signal));
}

/** One look; a fault of its own is a finding, too. */
async function* look(key: string, name: string, examiner: () => Finding | Promise<Finding>): AsyncGenerator<Finding> {
  try {
    yield await examiner();
  } catch (error) {
    yield { key, name, state: "broken", says: sentenceOf(error), facts: {} };
  }
}

function asJson(torchlet: string, works: boolean, findings: readonly Finding[]) {
  const entries = findings.map(({ key, state, says, advice = [], facts }) => {
    const run = advice.map((each) => each.run);
    return [key, { state, says, advice: run, ...facts }] as const;
  });
  return { torchlet, works, ...Object.fromEntries(entries) };
}
