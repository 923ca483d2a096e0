/*
 * The public surface of every entry point, as text: api/*.api.md, which reviewers read and the tests compare.
 *
 * `npm run api` writes it anew. A changed surface takes a line under [Unreleased] in CHANGELOG.md first: the reports come with
 * the hash of the section that they were written beside (api/changelog.json), and the command refuses to write others beside
 * the same section. `node scripts/apiReport.mjs --check`, which `npm test` runs on the built package, fails where
 * - the declarations in build/types say something else than the reports, or
 * - the reports are others than those that the command wrote.
 * So a change of the surface reaches the main branch with its report and its entry, and needs no git history to be judged.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { buildIfStale, installDependencies, path } from "./setup.mjs";

const FOLDER = path("api");
const RECORD = join(FOLDER, "changelog.json");

/** `[name of the report, declarations]` of each entry point in package.json that has types. */
function entryPoints() {
  const { name, exports } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([key, { types }]) => [key.replace(/^\./, name).replaceAll("/", "-"), path(types)]);
}

/** The report of one entry point. */
function reportOf(name, declarations, folder) {
  const problems = [];
  const { extractorConfig, succeeded } = extract(name, declarations, folder, problems);
  if (problems.length > 0) throw new Error(`api-extractor: ${name}: ${problems.join("\n")}`);
  if (!succeeded) throw new Error(`api-extractor: ${name}: no report`);
  return readFileSync(extractorConfig.reportFilePath, "utf8");
}

function extract(name, declarations, folder, problems) {
  const configObject = {
    projectFolder: path("."),
    mainEntryPointFilePath: declarations,
    compiler: { tsconfigFilePath: path("tsconfig.json") },
    apiReport: {
      enabled: true,
      reportFileName: `${name}.api.md`,
      reportFolder: folder,
      reportTempFolder: join(folder, "temp"),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: "lf",
    messages: {
      compilerMessageReporting: { default: { logLevel: "none" } },
      extractorMessageReporting: { default: { logLevel: "none" } },
      tsdocMessageReporting: { default: { logLevel: "none" } },
    },
  };
  const packageJsonFullPath = path("package.json");
  const extractorConfig = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath,
  });
  const messageCallback = (message) => {
    if (message.logLevel === "error") problems.push(message.text);
    message.handled = true;
  };
  const { succeeded } = Extractor.invoke(extractorConfig, { localBuild: true, messageCallback });
  return { extractorConfig, succeeded };
}

/** The reports by file name, as the declarations in build/types give them. */
function makeReports() {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-api-"));
  mkdirSync(join(folder, "temp"));
  try {
    return new Map(entryPoints().map(([name, file]) => [`${name}.api.md`, reportOf(name, file, folder)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReports() {
  if (!existsSync(FOLDER)) return new Map();
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".api.md"));
  return new Map(names.sort().map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]));
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hashOf = (reports) => sha256(JSON.stringify([...reports].sort(([a], [b]) => (a < b ? -1 : 1))));

/** The text under [Unreleased]. */
const unreleased = () =>
  /^## \[Unreleased\]\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(readFileSync(path("CHANGELOG.md"), "utf8"))?.[1]?.trim() ??
  "";

const readRecord = () => (existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, "utf8")) : {});

/** The lines of the new text that the old one lacks, and the other way round. */
function differences(old, now) {
  const lines = (text = "") => text.split("\n").filter((line) => line.trim() !== "");
  const [before, after] = [new Set(lines(old)), new Set(lines(now))];
  const gone = [...before].filter((line) => !after.has(line)).map((line) => `  - ${line}`);
  return [...gone, ...[...after].filter((line) => !before.has(line)).map((line) => `  + ${line}`)];
}

function changes(old, now) {
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((name) => {
    if (old.get(name) === now.get(name)) return [];
    return [`api/${name}`, ...differences(old.get(name), now.get(name))];
  });
}

/** What is wrong with the reports beside these declarations; nothing where all is well. */
function check(old, now) {
  const changed = changes(old, now);
  const help = "write what changed under [Unreleased] in CHANGELOG.md, then run: npm run api";
  if (changed.length > 0) return ["the public surface is not what api/ says:", ...changed, help];
  if (readRecord().reports === hashOf(old)) return [];
  return [`the reports in api/ are not those that npm run api wrote; ${help}`];
}

function write(old, now) {
  const changed = changes(old, now);
  const [section, record] = [sha256(unreleased()), readRecord()];
  if (changed.length === 0 && record.reports === hashOf(old)) return ["api/ is up to date"];
  if (unreleased() === "" || section === record.unreleased) {
    process.exitCode = 1;
    return ["the public surface has changed:", ...changed, "write so under [Unreleased] in CHANGELOG.md first"];
  }
  mkdirSync(FOLDER, { recursive: true });
  for (const name of old.keys()) if (!now.has(name)) rmSync(join(FOLDER, name));
  for (const [name, text] of now) writeFileSync(join(FOLDER, name), text);
  writeFileSync(RECORD, `${JSON.stringify({ reports: hashOf(now), unreleased: section }, null, 2)}\n`);
  return [...changed, `api/ written: ${now.size} reports`];
}

installDependencies();
buildIfStale();
const [old, now] = [readReports(), makeReports()];
const isCheck = process.argv.includes("--check");
const lines = isCheck ? check(old, now) : write(old, now);
if (lines.length > 0) console.log(lines.join("\n"));
if (isCheck && lines.length > 0) process.exitCode = 1;
