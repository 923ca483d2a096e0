// The fixtures that run outside a browser.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { findBun } from "../bun.mjs";
import { judge, lastLine } from "./judge.mjs";

/** Deno asks for nothing: what would need a permission fails. */
const DENO = ["run", "--no-prompt", "--no-lock", "--no-remote"];
const DENO_WITHOUT_NPM = [...DENO, "--no-npm"];

const judged = async (running) => judge(lastLine((await running).stdout));

/** Node's flag that denies files, threads and children, by its name in this version. */
const permission = () =>
  process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";

/** In the main thread, on two threads, and in a worker of node:worker_threads. */
async function node({ run }) {
  const note = await judged(run(process.execPath, ["main.js"]));
  judge(lastLine((await run(process.execPath, ["threads.js"])).stdout), { threads: 2 });
  await judged(run(process.execPath, ["worker.js"]));
  return `${note}, on 2 threads and in a worker too`;
}

async function serverSide({ folder, run }) {
  const locked = [permission(), `--allow-fs-read=${folder}`, "--no-warnings"];
  const times = [];
  for (const options of [[], locked])
    for (const mode of ["plain", "bare", "page"])
      times.push(lastLine((await run(process.execPath, [...options, "check.js", mode])).stdout));
  const [{ entries }] = times;
  return `${entries.length} entry points, ${Math.max(...times.map(({ ms }) => ms))} ms at most`;
}

/** A script of the fixture that prints JSON, one object a line. */
async function jsonOf(run, script) {
  const { stdout } = await run("npm", ["run", "--silent", script]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function commandLine({ folder, run }) {
  const help = await run("npx", ["--no-install", "torchlet", "--help"]);
  if (!/torchlet train/.test(help.stdout)) throw new Error(`--help does not name train:\n${help.stdout}`);
  await run("npm", ["run", "--silent", "data"]);
  const lines = await jsonOf(run, "train");
  const losses = lines.flatMap(({ trainLoss }) => (trainLoss === undefined ? [] : [trainLoss]));
  if (losses.length !== 3 || !(losses[2] < losses[0])) throw new Error(`the loss did not fall: ${losses.join(", ")}`);
  for (const name of ["last.safetensors", "metrics.jsonl", "report.html"]) readFileSync(join(folder, "run", name));
  const [evaluated] = await jsonOf(run, "eval");
  const { valLoss } = lines.at(-2);
  if (evaluated.loss !== valLoss) throw new Error(`eval's loss is ${evaluated.loss}, train's was ${valLoss}`);
  const [health] = await jsonOf(run, "doctor");
  if (health.works !== true) throw new Error(`doctor finds that something does not work: ${JSON.stringify(health)}`);
  const wrong = await run("npx", ["--no-install", "torchlet", "train", "--epochs", "none"], { fails: true });
  if (!/--epochs/.test(wrong.stderr)) throw new Error(`a wrong option is not named: ${wrong.stderr}`);
  return `loss ${losses[0].toFixed(2)} → ${losses[2].toFixed(2)}`;
}

async function headless({ run }) {
  const { stdout } = await run("npm", ["test", "--silent"]);
  const passed = /^# pass (\d+)$/m.exec(stdout)?.[1];
  if (!(Number(passed) >= 3) || !/^# fail 0$/m.test(stdout)) throw new Error(stdout);
  return `${passed} of the user's own tests`;
}

async function typescript({ run }) {
  await run("tsc");
  return judged(run(process.execPath, ["main.js"]));
}

/** Types as Deno sees them, then the program, without a permission. */
async function denoByNpm({ run }) {
  await run("deno", ["check", "main.ts", "misuse.ts", "worker.ts"]);
  return judged(run("deno", [...DENO, "main.ts"]));
}

export const PROGRAMS = [
  {
    name: "node",
    quick: true,
    shared: ["train.js"],
    test: node,
  },
  { name: "server", quick: true, test: serverSide },
  { name: "bun", quick: true, shared: ["train.js"], test: ({ run }) => judged(run(findBun(), ["main.js"])) },
  { name: "deno-npm", shared: ["train.ts", "misuse.ts"], test: denoByNpm },
  {
    name: "deno-file",
    quick: true,
    shared: ["train.js"],
    test: ({ run }) => judged(run("deno", [...DENO_WITHOUT_NPM, "main.js"])),
  },
  { name: "deno-links", shared: ["train.js"], test: ({ run }) => judged(run("deno", [...DENO, "main.js"])) },
  { name: "typescript-bare", quick: true, shared: ["train.ts", "misuse.ts"], test: typescript },
  { name: "typescript-nodenext", shared: ["train.ts", "misuse.ts"], test: typescript },
  { name: "cli", shared: ["digits.js"], test: commandLine },
  { name: "headless", shared: ["train.js"], test: headless },
];
