import { type Screen, wrap } from "../screen.ts";
import type { Advice, Finding } from "./finding.ts";

const NAME_WIDTH = 9;
/** Where sentences begin: after the mark and the name. */
const START = 2 + NAME_WIDTH;
const MARKS = { works: ["✓", "green"], missing: ["○", "yellow"], broken: ["✗", "red"] } as const;

/** A finding for people: a mark, a name, a sentence, and below it what to install. */
export function findingText({ name, state, says, advice = [] }: Finding, screen: Screen): string {
  const { columns, paint } = screen;
  const [mark, style] = MARKS[state];
  const lines = wrap(says, columns - START);
  const label = `${paint(style, mark)} ${paint("bold", name.padEnd(NAME_WIDTH))}`;
  const sentence = lines.map((line, i) => (i === 0 ? label + line : " ".repeat(START) + line));
  return [...sentence, ...advice.flatMap((each) => adviceLines(each, screen))].join("\n");
}

function adviceLines({ run, why }: Advice, { columns, paint }: Screen): string[] {
  const start = " ".repeat(START);
  const command = `${start}→ ${paint("cyan", run)}`;
  if (why === undefined) return [command];
  const fits = START + 2 + run.length + 3 + why.length <= columns;
  if (fits) return [`${command}   ${paint("dim", why)}`];
  return [command, ...wrap(why, columns - START - 2).map((line) => `${start}  ${paint("dim", line)}`)];
}

/** The last line: what can be done now. */
export function verdict(findings: readonly Finding[], data: string, { paint }: Screen): string {
  const state = (key: string) => findings.find((finding) => finding.key === key)?.state;
  if (state("cpu") !== "works") return paint("red", "Nothing can compute here.");
  if (state("data") !== "works") return "The CPU path works; the data are missing.";
  const folder = data === "datasets" ? "" : ` --data ${data}`;
  return `Ready: ${paint("bold", `torchlet train${folder}`)}`;
}
