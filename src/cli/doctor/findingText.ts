import { type Screen, wrap } from "../screen.ts";
import type { Advice, Finding } from "./finding.ts";

const NAME_WIDTH = 9;
const MARKS = { works: ["✓", "green"], missing: ["○", "yellow"], broken: ["✗", "red"] } as const;

/** Where sentences begin: after the mark and the name; on a narrow screen below them. */
const startOf = ({ columns }: Screen): number => (columns < 60 ? 2 : 2 + NAME_WIDTH);

/** A finding for people: a mark, a name, a sentence, and below it what to install. */
export function findingText({ name, state, says, advice = [] }: Finding, screen: Screen): string {
  const { columns, paint } = screen;
  const [mark, style] = MARKS[state];
  const start = startOf(screen);
  const label = `${paint(style, mark)} ${paint("bold", name.padEnd(NAME_WIDTH))}`;
  const [first = "", ...rest] = wrap(says, columns - start).map((line) => " ".repeat(start) + line);
  const head = start > 2 ? [label + first.slice(start)] : [label.trimEnd(), first];
  return [...head, ...rest, ...advice.flatMap((each) => adviceLines(each, screen))].join("\n");
}

function adviceLines({ run, why }: Advice, screen: Screen): string[] {
  const { columns, paint } = screen;
  const start = startOf(screen);
  const [first = "", ...rest] = wrap(run, columns - start - 2);
  const indent = " ".repeat(start + 2);
  const lines = [`${" ".repeat(start)}→ ${paint("cyan", first)}`, ...rest.map((line) => indent + paint("cyan", line))];
  if (why === undefined) return lines;
  if (rest.length === 0 && start + 2 + run.length + 3 + why.length <= columns)
    return [`${lines[0]}   ${paint("dim", why)}`];
  return [...lines, ...wrap(why, columns - start - 2).map((line) => indent + paint("dim", line))];
}

/** The last line: what can be done now. */
export function verdict(findings: readonly Finding[], data: string, { paint }: Screen): string {
  const state = (key: string) => findings.find((finding) => finding.key === key)?.state;
  if (state("cpu") !== "works") return paint("red", "Nothing can compute here.");
  if (state("data") !== "works") return "The CPU path works; the data are missing.";
  const folder = data === "datasets" ? "" : ` --data ${data}`;
  return `Ready: ${paint("bold", `torchlet train${folder}`)}`;
}
