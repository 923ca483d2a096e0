// Where a training step of torchlet goes: its kernels one by one, and the rest, which is what its API costs.
import { startPeer } from "./benchPeer.mjs";
import { spread } from "./benchTable.mjs";
import { path } from "./setup.mjs";

const SECONDS = 600;
/** Steps of a round by the batch. A new model each round: its optimizer does not grow old, which is another cost. */
const STEPS = { 200: 30, 1: 300 };
/** Rounds before those that count, for the engine to compile what runs often: 300 steps of the larger batch. */
const WARM_UP = 5;

/** The kernels of a phase of the step. Products build the lists of what is not zero themselves. */
export const PHASES = [
  { phase: "batch gathered from bytes", kernels: ["gatherBytes", "gatherRows", "bytesToFloat"] },
  { phase: "forward: product, bias, ReLU, dropout", kernels: ["linear"] },
  { phase: "loss, and its gradient", kernels: ["crossEntropy", "reduceLoss", "crossEntropyBackward", "fill"] },
  { phase: "gradient through ReLU and dropout", kernels: ["linearBackward", "dropout"] },
  { phase: "gradient of the inputs (dX)", kernels: ["matmul"] },
  { phase: "gradient of weight and bias (dW)", kernels: ["linearGradient"] },
  { phase: "Adam", kernels: ["adam"] },
];

const sum = (values) => values.reduce((total, value) => total + value, 0);

/**
 * The phases of a round: `kernels` by name, `{ ms, calls }` a step. What no phase names is "other kernels", and the rest of
 * the timed step is "everything else".
 */
export function phasesOf({ timedMs, kernels }) {
  const named = new Set(PHASES.flatMap((phase) => phase.kernels));
  const others = Object.keys(kernels).filter((name) => !named.has(name));
  const rows = [...PHASES, { phase: "other kernels", kernels: others }].map(({ phase, kernels: names }) => {
    const found = names.flatMap((name) => kernels[name] ?? []);
    return { phase, ms: sum(found.map(({ ms }) => ms)), calls: sum(found.map(({ calls }) => calls)) };
  });
  const rest = timedMs - sum(rows.map(({ ms }) => ms));
  return [...rows.filter(({ calls }) => calls > 0), { phase: "everything else", ms: rest, calls: 0 }];
}

/** Medians over rounds of the same phases: of times, and of shares of the timed step. */
function medians(rounds) {
  const phases = rounds.map(phasesOf);
  return {
    plainMs: spread(rounds.map(({ plainMs }) => plainMs)),
    timedMs: spread(rounds.map(({ timedMs }) => timedMs)),
    phases: phases[0].map(({ phase, calls }, index) => ({
      ...{ phase, calls },
      ms: spread(phases.map((rows) => rows[index].ms)).median,
      share: spread(phases.map((rows, round) => rows[index].ms / rounds[round].timedMs)).median,
    })),
  };
}

/** Rounds of each batch in torchlet on one thread: `{ rounds, results: [{ batch, plainMs, timedMs, phases }] }`. */
export async function measureBreakdown({ rounds }, progress) {
  const args = [path("bench/torchletPhases.mjs")];
  const peer = await startPeer({ label: "torchlet", command: process.execPath, args, env: process.env, seconds: 60 });
  const found = new Map(Object.keys(STEPS).map((batch) => [Number(batch), []]));
  for (let round = -WARM_UP; round < rounds; round++) {
    progress(round < 0 ? "breakdown: warm-up" : `breakdown ${round + 1} of ${rounds}`);
    for (const [batch, each] of found) {
      const phases = await peer.ask(`phases ${batch} ${STEPS[batch]}`, SECONDS);
      if (round >= 0) each.push(phases);
    }
  }
  await peer.stop();
  const results = [...found].map(([batch, each]) => ({ batch, ...medians(each) }));
  return { rounds, version: peer.version, results: results.sort((a, b) => b.batch - a.batch) };
}
