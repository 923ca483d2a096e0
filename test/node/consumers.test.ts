import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runProcess } from "../support/process.ts";

interface Outcome {
  readonly name: string;
  readonly note?: string;
  readonly error?: Error;
}

interface Runner {
  readonly FIXTURES: readonly { readonly name: string; readonly quick?: boolean }[];
  runFixtures(
    names: readonly string[],
    options: { quick: boolean; onResult: (outcome: Outcome) => void },
  ): Promise<void>;
}

/** The fixtures that need no download; `npm run test:consumers` tries all. */
const QUICK = [
  "node",
  "server",
  "bun",
  "deno-file",
  "typescript-bare",
  "static",
  "lean",
  "isolation",
  "csp",
  "static-worker",
  "esbuild",
  "typescript-bundler",
];

const consumers = suite<{ outcomes: Map<string, Outcome> }>("consumers of the packed tarball");

consumers.before(async (context) => {
  const file = pathToFileURL(resolve("scripts/consumers/run.mjs")).href;
  const { FIXTURES, runFixtures } = (await import(file)) as Runner;
  assert.equal(FIXTURES.flatMap(({ name, quick }) => (quick ? [name] : [])).sort(), [...QUICK].sort());
  context.outcomes = new Map();
  const onResult = (outcome: Outcome) => context.outcomes.set(outcome.name, outcome);
  await runFixtures(QUICK, { quick: true, onResult });
});

for (const name of QUICK)
  consumers(`the app consumers/${name} installs it, trains, and comes to the weights of all others`, ({ outcomes }) => {
    const outcome = outcomes.get(name);
    assert.ok(outcome, "it was not tried");
    assert.is(outcome.error, undefined, outcome.error?.message);
  });

consumers("leave nothing behind that they were tried in", async () => {
  const { stdout } = await runProcess("ls", [tmpdir()]);
  assert.not.match(stdout, new RegExp(`torchlet-consumers-${process.pid}-`));
});

consumers("Parcel's alias names every entry point that exports names", () => {
  const { exports, alias } = JSON.parse(readFileSync("package.json", "utf8")) as {
    exports: Record<string, string | { default: string }>;
    alias: Record<string, string>;
  };
  const expected = Object.entries(exports)
    .filter(([name]) => name !== "." && name !== "./package.json")
    .map(([name, target]) => [name, typeof target === "string" ? target : target.default]);
  assert.equal(alias, Object.fromEntries(expected));
});

/** What a package does when it is imported, and the words in which consumers/server must tell of it. */
const EFFECTS: readonly (readonly [code: string, told: RegExp])[] = [
  ["globalThis.leftBehind = 1;", /changed leftBehind/],
  ["Array.prototype.extra = () => 1;", /changed extra/],
  ["process.env.HOME;", /get of process\.env\.HOME/],
  ["setTimeout(() => {}, 1);", /called setTimeout/],
  ["import fs from 'node:fs'; fs.existsSync('/');", /called existsSync/],
  ["import { Worker } from 'node:worker_threads'; new Worker('', { eval: true });", /called Worker/],
  ["process.on('exit', () => {});", /left open .*exit/],
];

consumers("the check for effects of importing hears each kind of them, and is quiet without", async () => {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-"));
  try {
    const home = join(folder, "node_modules/torchlet");
    mkdirSync(home, { recursive: true });
    const settings = { name: "torchlet", type: "module", exports: { ".": "./index.js" } };
    writeFileSync(join(home, "package.json"), JSON.stringify(settings));
    writeFileSync(join(folder, "check.mjs"), readFileSync("consumers/server/check.js"));
    const check = async (code: string) => {
      writeFileSync(join(home, "index.js"), `${code}\nexport const x = 1;\n`);
      return runProcess("env", ["-C", folder, process.execPath, "check.mjs"]);
    };
    assert.is((await check("")).code, 0);
    for (const [code, told] of EFFECTS) {
      const { code: exit, stderr } = await check(code);
      assert.is(exit, 1, code);
      assert.match(stderr, told);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

consumers.run();
