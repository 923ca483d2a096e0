// What the benchmark found: a record for build/bench.json and a table for the terminal.
import { EPOCH_STEPS, EPOCHS, LEARNED } from "./benchMeasure.mjs";
import { PLACES } from "./benchPlaces.mjs";
import { markdownTable, pairedRatio, showSpread, spread } from "./benchTable.mjs";

const WHOLE = { node: `${EPOCHS} epochs, s`, chromium: "1 epoch, s" };

/** torchlet with the same number of threads, or with one where that is all there is. */
function counterpart(peers, peer) {
  const ours = peers.filter(({ name }) => name === "torchlet");
  return ours.find(({ threads }) => threads === peer.threads) ?? ours[0];
}

/** The measured peers of a place as they are recorded. */
export function summarise(place, peers) {
  return peers.map((peer) => {
    const ours = peer.name === "torchlet" ? undefined : counterpart(peers, peer);
    const ratio = (key) => (ours ? pairedRatio(ours[key], peer[key]) : null);
    const seconds = peer.wholeMs.map((ms) => ms / 1000);
    const whole = seconds.length ? { ...spread(seconds), rounds: seconds, ratio: ratio("wholeMs") } : null;
    const { samples, loss, accuracy } = peer.test;
    return {
      ...{ place, label: peer.label, name: peer.name, version: peer.version, threads: peer.threads },
      ...(peer.runtime && { runtime: peer.runtime }),
      msPerStep: { ...spread(peer.stepMs), rounds: peer.stepMs, ratio: ratio("stepMs") },
      evaluation: { ...spread(peer.evaluateMs.map((ms) => (samples / ms) * 1000)), ratio: ratio("evaluateMs") },
      ...(place === "node" ? { job: whole, jobAccuracy: peer.jobTest?.accuracy ?? null } : { epoch: whole }),
      test: { loss, accuracy, learned: peer.learned },
    };
  });
}

function table(place, results) {
  const ratio = (value) => (value === null ? "–" : value.toFixed(2));
  const digits = place === "node" ? 2 : 1;
  const header = ["system", "ms/step", "ratio", "evaluated samples/s", "ratio", WHOLE[place], "ratio", "test loss"];
  const rows = results.map(({ label, version, msPerStep, evaluation, test, job, epoch }) => {
    const whole = job ?? epoch;
    return [
      label.replace(",", ` ${version},`),
      showSpread(msPerStep, (value) => value.toFixed(digits)),
      ratio(msPerStep.ratio),
      showSpread(evaluation, (value) => String(Math.round(value))),
      ratio(evaluation.ratio),
      whole ? showSpread(whole, (value) => value.toFixed(1)) : "–",
      ratio(whole?.ratio ?? null),
      `${test.loss.toFixed(3)}${test.learned === false ? " (too high)" : ""}`,
    ];
  });
  return markdownTable(header, rows);
}

/** What the numbers of a place are. */
function explain(place, results, { rounds, gpuSteps, gpuEpochs }) {
  if (place === "node") return [`Median (smallest–largest) of ${rounds} interleaved rounds.`];
  const chunks = gpuEpochs * Math.ceil(EPOCH_STEPS / gpuSteps);
  const runtimes = [...new Set(results.map(({ runtime }) => runtime))].join("; ");
  return [
    `${runtimes}. Median (smallest–largest) of ${chunks} interleaved chunks of ${gpuSteps} steps`,
    `and of ${gpuEpochs} epochs of ${EPOCH_STEPS} steps, each of a new model and the sum of its chunks; evaluations are not part of it.`,
  ];
}

/** Prints what was found in a place. */
export function printPlace({ place, results, absent, trained }, options) {
  console.log(`\n${PLACES[place].title}\n`);
  if (results.length) {
    console.log(`${table(place, results)}\n`);
    for (const line of explain(place, results, options)) console.log(line);
    console.log(
      `Test loss after ${trained} steps; a peer has learned at ${LEARNED.loss} or less (asked from ${LEARNED.steps} steps on).`,
    );
  }
  for (const { label, reason } of absent) console.log(`Left out: ${label}: ${reason}`);
}
