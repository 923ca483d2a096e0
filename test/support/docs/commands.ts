// How the commands of the pages are verified: each line of a `sh` block must fit one of these rules.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { knownPackages, type Project, type Ran, runIn } from "./project.ts";

/** Where a command runs: the reader's folder of its page, and a small MNIST. */
export interface Place {
  readonly project: Project;
  readonly folder: string;
}

type Rule = (args: readonly string[], place: Place) => Promise<Ran> | Ran;

const DENO = resolve("node_modules/.bin/deno");
const done: Ran = { code: 0, stdout: "", output: "" };
const failed = (output: string): Ran => ({ code: 1, stdout: "", output });

/** The words of a command; quotes hold words together. */
export const wordsOf = (line: string): string[] =>
  Array.from(line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, double, single, bare]) => double ?? single ?? bare ?? "");

/** Made by installing: the reader's folder has torchlet from its tarball, the others as this repository has them. */
const install: Rule = (args) => {
  const names = args.filter((arg) => !arg.startsWith("-")).map((arg) => arg.replace(/(.)@.*$/, "$1"));
  const unknown = names.filter((name) => !knownPackages().includes(name.replace(/^npm:/, "")));
  return names.length > 0 && unknown.length === 0 ? done : failed(`not a package that was tried: ${unknown}`);
};

/**
 * `torchlet …` of the package under test. A training that says `--epochs 1` runs as it stands; others are kept short, on a
 * small MNIST: later options win.
 */
const torchlet: Rule = (args, { project, folder }) => {
  const out = mkdtempSync(join(project.root, "run-"));
  const isShort = args[0] !== "train" || args.includes("--help") || args[args.indexOf("--epochs") + 1] === "1";
  const quick = isShort ? [] : ["--data", project.data, "--epochs", "1", "--out", out];
  const cli = join(project.root, "node_modules/torchlet/build/cli.js");
  return runIn(folder, process.execPath, [cli, ...args, ...quick]);
};

const npmScript = (name: string): string | undefined =>
  (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts[name];

/**
 * `npm test` reads its options itself: with filters to spare it complains of these, the last thing that it checks, and runs
 * nothing. A filter must find a test.
 */
const npmTest: Rule = async (args) => {
  const { output } = await runIn(resolve("."), process.execPath, ["scripts/test.mjs", ...args, "one", "two"]);
  const at = args.indexOf("--only");
  const filter = args.find((_, i) => at < 0 || (i !== at && i !== at + 1)) ?? "";
  const url = pathToFileURL(resolve("scripts/testBundle.mjs")).href;
  const { findTests } = (await import(url)) as { findTests: (filter: string) => Record<string, string[]> };
  const found = Object.values(findTests(filter)).flat().length;
  return output.includes("one filter at most") && found > 0
    ? done
    : failed(`npm test does not take ${args}: ${output}`);
};

/** A benchmark takes minutes: only its options are read, by itself. */
const bench: Rule = (args) =>
  runIn(resolve("."), process.execPath, [
    "--input-type=module",
    "--eval",
    `import { readOptions } from "./scripts/benchOptions.mjs"; readOptions();`,
    "--",
    ...args,
  ]);

/** Starts a server, asks it for the page whose address it prints, and ends it. */
const server: Rule = (args) => {
  const [script, ...options] = args;
  const [, file = ""] = /^node (\S+)$/.exec(npmScript(script ?? "") ?? "") ?? [];
  const child = spawn(process.execPath, [file, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((settle, reject) => {
    const timer = setTimeout(() => child.kill(), 120_000);
    const end = (ran: Ran) => {
      clearTimeout(timer);
      child.removeAllListeners("close");
      child.kill();
      settle(ran);
    };
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      printed += part;
      const [url] = /http:\/\/\S+(?=\s)/.exec(printed) ?? [];
      if (url !== undefined)
        fetch(url).then(({ status }) => end(status === 200 ? done : failed(`${url} answers ${status}`)), reject);
    });
    child.on("error", reject);
    child.on("close", () => settle(failed(`no address was printed, but: ${printed}`)));
  });
};

/** Those that the tests themselves stand on: they have just run. */
const ALREADY_RUN = ["build", "check"];

const npmRun: Rule = ([name = "", ...args], place) => {
  const options = args[0] === "--" ? args.slice(1) : args;
  if (npmScript(name) === undefined) return failed(`package.json has no script ${name}`);
  if (name === "bench") return bench(options, place);
  if (name === "test:reliability") return ownScript(["scripts/reliability.mjs", ...options], place);
  if (name === "serve" || name === "demo") return server([name, ...options], place);
  return ALREADY_RUN.includes(name) && options.length === 0 ? done : failed(`no rule runs npm run ${name}`);
};

/** A script of the repository that measures or draws compares, with `--check`, what it would write with what is there. */
const ownScript: Rule = ([file = "", ...args]) => runIn(resolve("."), process.execPath, [file, ...args, "--check"]);

/** A program that the package brings, or one that was installed. */
const npx: Rule = ([name = "", ...args], place) => {
  if (name === "torchlet") return torchlet(args, place);
  const file = resolve("node_modules/.bin", name);
  return existsSync(file) ? runIn(place.folder, file, args) : failed(`${name} is not installed`);
};

const withoutDashes = (args: readonly string[]): readonly string[] => (args[0] === "--" ? args.slice(1) : args);

const RULES: readonly (readonly [start: string, rule: Rule])[] = [
  ["npm install", install],
  ["npm init -y", () => done],
  ["deno add", install],
  ["npm start", (args, place) => torchlet(["train", ...withoutDashes(args)], place)],
  ["npm test", (args, place) => npmTest(withoutDashes(args), place)],
  ["npm run", npmRun],
  ["npx", npx],
  ["torchlet", torchlet],
  ["node scripts/", ([file = "", ...args], place) => ownScript([`scripts/${file}`, ...args], place)],
  ["node", (args, { folder }) => runIn(folder, process.execPath, args)],
  ["deno", (args, { folder }) => runIn(folder, DENO, args)],
];

/** Verifies one line of a `sh` block by the first rule whose words it starts with; a line without a rule fails. */
export async function runCommand(line: string, place: Place): Promise<Ran> {
  const command = line
    .replace(/\s+# .*$/, "")
    .replace(/\s{2,}#.*$/, "")
    .trim();
  for (const [start, rule] of RULES) {
    const isFolder = start.endsWith("/");
    if (command !== start && !command.startsWith(isFolder ? start : `${start} `)) continue;
    return rule(wordsOf(command.slice(start.length)), place);
  }
  return failed("no rule of test/support/docs/commands.ts tells how to verify this command");
}
