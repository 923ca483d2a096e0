// `npm run bench`: the reference job in torchlet, jax-js and PyTorch, side by side in one run: in Node, and in Chromium with
// WebGPU on its software adapter. Every peer is a child process that waits while another one computes.
// Options: --only node,chromium (both unless it is given);
// in Node --rounds N (at least 7), --steps N per chunk, --jobs N whole jobs per peer (0 leaves them out);
// in Chromium --gpu-epochs N, --gpu-steps N per chunk.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { LEARNED, measure } from "./benchMeasure.mjs";
import { readOptions } from "./benchOptions.mjs";
import { startPeer } from "./benchPeer.mjs";
import { PLACES } from "./benchPlaces.mjs";
import { printPlace, summarise } from "./benchReport.mjs";
import { buildIfStale, installDependencies, path, run } from "./setup.mjs";

const SECONDS_TO_START = 60;

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

async function startPeers(peers) {
  const [started, absent] = [[], []];
  for (const peer of peers) {
    try {
      started.push(await startPeer({ ...peer, seconds: SECONDS_TO_START }));
    } catch (error) {
      const reason = error.message.replaceAll(path("."), "");
      absent.push({ label: peer.label, reason });
      console.log(`bench: ${peer.label} is left out: ${reason}`);
    }
  }
  return { started, absent };
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text && `bench: ${text}`}`);
}

async function benchPlace(place, options) {
  const { started, absent } = await startPeers(PLACES[place].peers);
  const trained = await measure(place, started, options, progress);
  progress("");
  for (const peer of started) await peer.stop();
  return { place, trained, results: summarise(place, started), absent };
}

function record(found, { only, ...numbers }) {
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
  return {
    ...{ date: new Date().toISOString(), machine, ...numbers, level: LEARNED },
    trained: Object.fromEntries(found.map(({ place, trained }) => [place, trained])),
    results: found.flatMap(({ results }) => results),
    absent: found.flatMap(({ place, absent }) => absent.map((peer) => ({ place, ...peer }))),
  };
}

async function main() {
  const options = readOptions();
  installDependencies();
  buildIfStale();
  installPeers();
  const found = [];
  for (const place of options.only) found.push(await benchPlace(place, options));
  const recorded = record(found, options);
  writeFileSync(path("build/bench.json"), `${JSON.stringify(recorded, null, 2)}\n`);
  for (const each of found) printPlace(each, options);
  const { machine, results } = recorded;
  console.log(`\n${machine.cpu}, ${machine.cores} cores, Node ${machine.node}.`);
  console.log(
    "Ratio: torchlet's time / the peer's in the same place at as many threads (or at 1 if it has no more); below 1 is faster.",
  );
  const missing = options.only.filter(
    (place) => !results.some((each) => each.place === place && each.name === "torchlet"),
  );
  for (const place of missing) console.error(`bench: torchlet itself did not run: ${place}`);
  process.exit(missing.length || results.some(({ test }) => test.learned === false) ? 1 : 0);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
await main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
