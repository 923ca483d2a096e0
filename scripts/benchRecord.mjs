// What is kept of the benchmark's runs: build/bench.json and build/bench.md, and the measured regions of the guide.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { PARTS } from "./benchOptions.mjs";
import { sectionOf } from "./benchReport.mjs";
import { path } from "./setup.mjs";

const RECORD = path("build/bench.json");
const PAGE = path("build/bench.md");
const GUIDE = path("docs/performance.md");
const REGION = /<!-- measured: (\w+) -->\n[\s\S]*?<!-- measured until here -->/g;

/** The parts by name, as the runs so far have left them. */
export function readRecord() {
  return existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, "utf8")).parts ?? {}) : {};
}

/** A part with the time and the machine of its measurement. */
export function stamped(part) {
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
  return { date: new Date().toISOString(), machine, ...part };
}

/** Writes the parts of this run over those of earlier ones, which stay otherwise, each with its own date. */
export function writeRecord(measured) {
  const parts = { ...readRecord(), ...measured };
  writeFileSync(RECORD, `${JSON.stringify({ parts }, null, 2)}\n`);
  const sections = PARTS.filter((name) => parts[name]).map((name) => sectionOf(name, parts[name]));
  writeFileSync(PAGE, `# Measured\n\n${sections.join("\n\n")}\n`);
}

/** The text with its regions filled from the parts; those of parts that were not measured stay as they are. */
export function withMeasured(text, parts) {
  return text.replace(REGION, (region, name) =>
    parts[name]
      ? `<!-- measured: ${name} -->\n\n${sectionOf(name, parts[name])}\n\n<!-- measured until here -->`
      : region,
  );
}

/** Takes over what was measured into the guide; throws where nothing was. */
export function writeGuide() {
  const parts = readRecord();
  if (Object.keys(parts).length === 0) throw new Error("nothing was measured yet: run npm run bench first");
  writeFileSync(GUIDE, withMeasured(readFileSync(GUIDE, "utf8"), parts));
  return Object.keys(parts);
}
