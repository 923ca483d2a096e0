// R7: a trainer that is killed leaves a checkpoint that can be read, and is never older than what was acknowledged.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { path } from "../../scripts/setup.mjs";
import { bundleProgram } from "./support/programs.mjs";
import { ensure, same, tally } from "./support/tally.mjs";

export const title =
  "A trainer that writes a checkpoint every step and is killed at random instants leaves one that can be read, as new as the last acknowledged, and no orphan after the next start; after all the kills it ends in the bits of one that nobody killed.";

const [KILLS, CUT_KILLS, MOST_MILLISECONDS, SECONDS_TO_BEGIN] = [100, 8, 300, 60];
const COMMANDS = {
  node: [process.execPath, []],
  deno: [path("node_modules/.bin/deno"), ["run", "-A", "--no-config", "--no-lock", "--no-remote", "--no-npm"]],
};

/** Instants from a seed (a linear congruential generator: numbers of Numerical Recipes), in milliseconds. */
function instants(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * MOST_MILLISECONDS;
  };
}

/** Kills a process, or a group by the negative number of its leader. */
function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Runs a trainer, kills it some time after its first acknowledgement, and tells the last one that was heard. */
function trainAndKill([command, args], entry, milliseconds) {
  const child = spawn(command, [...args, entry], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let [output, errors] = ["", ""];
  const heard = () => [...output.matchAll(/acknowledged (\d+)\n/g)].map(([, steps]) => Number(steps));
  // Deno's command starts another process. Only that one is killed: the command ends it for good and then itself, while what
  // is left to the system's first process may count as running for seconds more.
  const killTrainer = () => kill(Number(/^process (\d+)\n/.exec(output)?.[1] ?? -child.pid));
  let timer = setTimeout(() => kill(-child.pid), SECONDS_TO_BEGIN * 1000);
  child.stdout.setEncoding("utf8").on("data", (text) => {
    const hadBegun = heard().length > 0;
    output += text;
    if (hadBegun || heard().length === 0) return;
    clearTimeout(timer);
    timer = setTimeout(killTrainer, milliseconds);
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      if (heard().length === 0) reject(new RangeError(`the trainer began nothing: ${errors.slice(-500)}`));
      else resolve(heard());
    });
  });
}

async function tryKills(t, place, kills, { stepsOf, endsOf }) {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-kill-"));
  const file = join(folder, "checkpoint.safetensors");
  const entry = path(`build/reliability/trainer-${place}-${process.pid}.mjs`);
  mkdirSync(path("build/reliability"), { recursive: true });
  writeFileSync(entry, `import { main } from "./trainer.mjs";\nawait main({ path: ${JSON.stringify(file)} });\n`);
  const next = instants(7);
  let [known, orphans] = [0, 0];
  for (let i = 0; i < kills; i++)
    await t.try(`${place}, kill ${i + 1}`, async () => {
      const heard = await trainAndKill(COMMANDS[place], entry, next());
      ensure(heard[0] >= known, `the trainer began again after step ${heard[0]}, expected ${known} or later`);
      ensure(existsSync(file), "there is no checkpoint");
      const steps = stepsOf(new Uint8Array(readFileSync(file)));
      ensure(steps >= heard.at(-1), `the checkpoint is of step ${steps}, and ${heard.at(-1)} was acknowledged`);
      known = steps;
      const left = readdirSync(folder).length - 1;
      orphans += left;
      // What the last one left is gone: at most what this one was writing is there.
      ensure(left <= 1, `${left} temporary files are left`);
    });
  await t.try(`${place}, the end after all kills`, async () => {
    const [goneOn, undisturbed] = await endsOf(new Uint8Array(readFileSync(file)));
    same(goneOn, undisturbed, "the end is");
  });
  rmSync(folder, { recursive: true });
  return { orphans, steps: known };
}

export async function row({ cut }) {
  const t = tally();
  const trainer = await import(path(await bundleProgram("trainer")));
  const notes = [];
  for (const place of cut ? ["node"] : ["node", "deno"]) {
    const { orphans, steps } = await tryKills(t, place, cut ? CUT_KILLS : KILLS, trainer);
    notes.push(`${place}: ${steps} steps over all lives, ${orphans} temporary files left and cleaned`);
  }
  return t.result(notes.join("; "));
}
