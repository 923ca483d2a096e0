// `npm run bench`: the reference job in torchlet, jax-js and PyTorch, side by side in one run.
// Every peer is a child process that waits while another one computes: chunks of training steps and evaluations take
// turns, in an order that turns around each round, so that a noisy machine disturbs all of them alike.
// Options: --rounds N (at least 7), --steps N per chunk, --jobs N whole jobs per peer (0 leaves them out).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { startPeer } from "./benchPeer.mjs";
import { markdownTable, pairedRatio, showSpread, spread } from "./benchTable.mjs";
import { buildIfStale, installDependencies, path, run } from "./setup.mjs";

const MIN_ROUNDS = 7;
const WARM_UP_STEPS = 90;
const EPOCHS = 10;
const SECONDS = { start: 60, chunk: 180, job: 900 };

/** Every peer must have brought the mean loss of the test set to this level when the rounds are over. */
const LEARNED = { loss: 0.4, steps: 300 };

function readOptions() {
  const text = { type: "string" };
  const { values } = parseArgs({ options: { rounds: text, steps: text, jobs: text } });
  const options = {
    rounds: Number(values.rounds ?? 9),
    steps: Number(values.steps ?? 30),
    jobs: Number(values.jobs ?? 1),
  };
  const atLeast = { rounds: MIN_ROUNDS, steps: 1, jobs: 0 };
  for (const [name, value] of Object.entries(options)) {
    if (Number.isInteger(value) && value >= atLeast[name]) continue;
    console.error(`bench: --${name} must be a whole number of at least ${atLeast[name]}, got ${values[name]}`);
    process.exit(2);
  }
  return options;
}

/** Installs the peers that bench/package-lock.json names, unless exactly those are installed already. */
function installPeers() {
  const stamp = path("bench/node_modules/.torchlet-lock");
  const lock = readFileSync(path("bench/package-lock.json"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("bench: installing the peers");
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", ["install", ...options], { cwd: path("bench") });
  writeFileSync(stamp, lock);
}

function peers() {
  const node = (label, script, ...args) => ({
    label,
    command: process.execPath,
    args: [path(`bench/${script}`), ...args],
    env: process.env,
  });
  return [
    node("torchlet, 1 thread", "torchletStep.mjs", "1"),
    node("torchlet, 2 threads", "torchletStep.mjs", "2"),
    node("jax-js, 1 thread", "jaxStep.mjs"),
    pytorch("PyTorch, 1 thread", "1"),
    pytorch("PyTorch, 2 threads", "2"),
  ];
}

/** Debian's python3-torch: it leaves products to OpenBLAS, whose own thread count is set beside PyTorch's. */
function pytorch(label, threads) {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...env } = process.env;
  env.OMP_NUM_THREADS = env.OPENBLAS_NUM_THREADS = threads;
  return { label, command: "/usr/bin/python3", args: [path("bench/pytorchStep.py"), threads], env };
}

async function startPeers() {
  const [started, absent] = [[], []];
  for (const peer of peers()) {
    try {
      started.push(await startPeer({ ...peer, seconds: SECONDS.start }));
    } catch (error) {
      const reason = error.message.replaceAll(path("."), "");
      absent.push({ label: peer.label, reason });
      console.log(`bench: ${peer.label} is left out: ${reason}`);
    }
  }
  return { started, absent };
}

async function measureRounds(started, { rounds, steps }) {
  for (const peer of started) {
    Object.assign(peer, { stepMs: [], evaluateMs: [], jobMs: [] });
    await peer.ask(`steps ${WARM_UP_STEPS}`, SECONDS.chunk);
    await peer.ask("evaluate", SECONDS.chunk);
  }
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const peer of round % 2 ? [...started].reverse() : started) {
      peer.stepMs.push((await peer.ask(`steps ${steps}`, SECONDS.chunk)).ms / steps);
      peer.test = await peer.ask("evaluate", SECONDS.chunk);
      peer.evaluateMs.push(peer.test.ms);
    }
  }
  const trained = WARM_UP_STEPS + rounds * steps;
  for (const peer of started) peer.learned = trained < LEARNED.steps ? null : peer.test.loss <= LEARNED.loss;
  return trained;
}

async function measureJobs(started, jobs) {
  for (let round = 0; round < jobs; round++) {
    for (const peer of round % 2 ? [...started].reverse() : started) {
      progress(`whole job ${round + 1} of ${jobs}: ${peer.label}`);
      peer.jobTest = await peer.ask(`job ${EPOCHS}`, SECONDS.job);
      peer.jobMs.push(peer.jobTest.ms);
    }
  }
}

/** torchlet with the same number of threads, or with one where that is all there is. */
function counterpart(started, peer) {
  const ours = started.filter(({ name }) => name === "torchlet");
  return ours.find(({ threads }) => threads === peer.threads) ?? ours[0];
}

function summarise(started) {
  return started.map((peer) => {
    const ours = peer.name === "torchlet" ? undefined : counterpart(started, peer);
    const ratio = (key) => (ours ? pairedRatio(ours[key], peer[key]) : null);
    const { samples, loss, accuracy } = peer.test;
    return {
      ...{ label: peer.label, name: peer.name, version: peer.version, threads: peer.threads },
      msPerStep: { ...spread(peer.stepMs), rounds: peer.stepMs, ratio: ratio("stepMs") },
      evaluation: { ...spread(peer.evaluateMs.map((ms) => (samples / ms) * 1000)), ratio: ratio("evaluateMs") },
      job: peer.jobMs.length ? { ...spread(peer.jobMs.map((ms) => ms / 1000)), ratio: ratio("jobMs") } : null,
      jobAccuracy: peer.jobTest?.accuracy ?? null,
      test: { loss, accuracy, learned: peer.learned },
    };
  });
}

function table(results) {
  const ratio = (value) => (value === null ? "–" : value.toFixed(2));
  const header = [
    "system",
    "ms/step",
    "ratio",
    "evaluated samples/s",
    "ratio",
    `${EPOCHS} epochs, s`,
    "ratio",
    "test loss",
  ];
  const rows = results.map(({ label, version, msPerStep, evaluation, job, test }) => [
    label.replace(",", ` ${version},`),
    showSpread(msPerStep, (value) => value.toFixed(2)),
    ratio(msPerStep.ratio),
    showSpread(evaluation, (value) => String(Math.round(value))),
    ratio(evaluation.ratio),
    job ? showSpread(job, (value) => value.toFixed(1)) : "–",
    ratio(job?.ratio ?? null),
    `${test.loss.toFixed(3)}${test.learned === false ? " (too high)" : ""}`,
  ]);
  return markdownTable(header, rows);
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2Kbench: ${text}`);
}

function report(results, absent, options, trained) {
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
  const record = { date: new Date().toISOString(), machine, ...options, trained, level: LEARNED, results, absent };
  writeFileSync(path("build/bench.json"), `${JSON.stringify(record, null, 2)}\n`);
  console.log(`\n${table(results)}\n`);
  console.log(
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}. Median (smallest–largest) of ${options.rounds}`,
  );
  console.log(
    "interleaved rounds. Ratio: torchlet's time / the peer's at as many threads (or at 1 if it has no more); below 1 is faster.",
  );
  console.log(
    `Test loss after ${trained} steps; a peer has learned at ${LEARNED.loss} or less (asked from ${LEARNED.steps} steps on).`,
  );
  for (const { label, reason } of absent) console.log(`Left out: ${label}: ${reason}`);
}

async function main() {
  const options = readOptions();
  installDependencies();
  buildIfStale();
  installPeers();
  const { started, absent } = await startPeers();
  process.on("exit", () => started.forEach((peer) => void peer.kill()));
  const trained = await measureRounds(started, options);
  await measureJobs(started, options.jobs);
  progress("");
  for (const peer of started) peer.stop();
  report(summarise(started), absent, options, trained);
  const missing = !started.some(({ name }) => name === "torchlet");
  if (missing) console.error("bench: torchlet itself did not run");
  process.exit(missing || started.some(({ learned }) => learned === false) ? 1 : 0);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
await main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
