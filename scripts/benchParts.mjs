// The parts of a run: how each is measured, and the record that is left of it.
import { measureBreakdown } from "./benchBreakdown.mjs";
import { measureChoice } from "./benchChoice.mjs";
import { measureGrowth } from "./benchGrowth.mjs";
import { EVALUATIONS, LEARNED, measure } from "./benchMeasure.mjs";
import { startPeer } from "./benchPeer.mjs";
import { PLACES } from "./benchPlaces.mjs";
import { measureSizes, measureStarts } from "./benchSmallest.mjs";
import { pairedRatio, spread } from "./benchTable.mjs";
import { path } from "./setup.mjs";

const SECONDS_TO_START = 120;

/** Starts those of a place that the options ask for; what cannot start is left out: `{ started, absent }`. */
async function startPeers(place, { peers }, progress) {
  const [started, absent] = [[], []];
  const asked = ({ label }) => peers.some((peer) => label.toLowerCase().startsWith(peer));
  for (const peer of PLACES[place].peers.filter(asked)) {
    progress(`start ${peer.label}`);
    try {
      started.push(await startPeer({ ...peer, seconds: SECONDS_TO_START }));
    } catch (error) {
      absent.push({ label: peer.label, reason: error.message });
    }
  }
  return { started, absent };
}

/** Reasons name no place of this machine. */
const withoutPaths = (absent) =>
  absent.map(({ label, reason }) => ({ label, reason: reason.replaceAll(path("."), "") }));

async function stopAll(peers) {
  for (const peer of peers) await peer.stop();
}

/** torchlet with the same number of threads, or with one where that is all there is. */
export function counterpart(peers, peer) {
  const ours = peers.filter(({ name }) => name === "torchlet");
  return ours.find(({ threads }) => threads === peer.threads) ?? ours[0];
}

/** The measured peers of a place as they are recorded. */
export function summarise(peers) {
  return peers.map((peer) => {
    const ours = peer.name === "torchlet" ? undefined : counterpart(peers, peer);
    const ratio = (key) => (ours ? pairedRatio(ours[key], peer[key]) : null);
    const summary = (key, values) => (values.length ? { ...spread(values), rounds: values, ratio: ratio(key) } : null);
    const { samples, loss, accuracy } = peer.test;
    return {
      ...{ label: peer.label, name: peer.name, version: peer.version, threads: peer.threads },
      ...(peer.runtime && { runtime: peer.runtime }),
      msPerStep: summary("stepMs", peer.stepMs),
      evaluation: summary(
        "evaluateMs",
        peer.evaluateMs.map((ms) => (samples / ms) * 1000),
      ),
      whole: summary(
        "wholeMs",
        peer.wholeMs.map((ms) => ms / 1000),
      ),
      jobAccuracy: peer.jobTest?.accuracy ?? null,
      test: { loss, accuracy, learned: peer.learned },
    };
  });
}

const inPlace = (place) => async (options, progress) => {
  const { started, absent } = await startPeers(place, options, progress);
  const { trained, measured, absent: failed } = await measure(place, started, options, progress);
  const { rounds, steps, jobs, gpuSteps, gpuEpochs } = options;
  const numbers = place === "webgpu" ? { gpuSteps, gpuEpochs } : { rounds, steps, jobs, evaluations: EVALUATIONS };
  const results = summarise(measured);
  await stopAll(measured);
  return { ...numbers, trained, level: LEARNED, results, absent: withoutPaths([...absent, ...failed]) };
};

async function growth(options, progress) {
  const { started, absent } = await startPeers("growth", options, progress);
  const results = await measureGrowth(started, options, progress);
  const peers = started.map(({ label, name, version, threads }) => ({ label, name, version, threads }));
  await stopAll(started);
  return { rounds: options.rounds, peers, results, absent: withoutPaths(absent) };
}

/** By the part's name: measures it with the run's options and returns its record. */
export const MEASURE_PART = {
  node: inPlace("node"),
  chromium: inPlace("chromium"),
  webgpu: inPlace("webgpu"),
  breakdown: measureBreakdown,
  cold: measureStarts,
  size: measureSizes,
  choice: measureChoice,
  growth,
};
