// How the time of a training step grows with the batch and with the width, and what zeros are worth: models of many shapes, on
// one batch of random pixels each.
import { inTurn } from "./benchMeasure.mjs";
import { spread } from "./benchTable.mjs";

const SECONDS = 600;
/** Milliseconds of training that one measurement takes, or one step. */
const CHUNK_MS = 250;
const MOST_STEPS = 2000;
/** The first steps of a shape are slower: compilation, memory. */
const WARM_UP_STEPS = 3;

/** What is measured: a batch, a width (0: the reference model), dropout, and whether no pixel is zero. */
export const SHAPES = [
  ...[1, 8, 32, 200, 1000, 2000].map((batch) => ({ batch, width: 0, dropout: 0.5, dense: false })),
  ...[64, 256, 1024, 4096].map((width) => ({ batch: 200, width, dropout: 0.5, dense: false })),
  { batch: 200, width: 0, dropout: 0, dense: false },
  { batch: 200, width: 0, dropout: 0, dense: true },
];

/** How many steps fill a measurement, one of which took `ms`. */
export const stepsFor = (ms) => Math.max(1, Math.min(MOST_STEPS, Math.round(CHUNK_MS / ms)));

async function measureShape(peers, { batch, width, dropout, dense }, { rounds }) {
  const grow = async (peer, steps) => {
    const { ms } = await peer.ask(`grow ${batch} ${width} ${dropout} ${dense ? 1 : 0} ${steps}`, SECONDS);
    return ms / steps;
  };
  const steps = new Map();
  for (const peer of peers) {
    await grow(peer, WARM_UP_STEPS);
    steps.set(peer, stepsFor(await grow(peer, WARM_UP_STEPS)));
  }
  const times = new Map(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++)
    for (const peer of inTurn(peers, round)) times.get(peer).push(await grow(peer, steps.get(peer)));
  return peers.map((peer) => ({
    label: peer.label,
    msPerStep: { ...spread(times.get(peer)), rounds: times.get(peer) },
  }));
}

/** Interleaved rounds of each shape: `[{ batch, width, dropout, dense, peers: [{ label, msPerStep }] }]`. */
export async function measureGrowth(peers, options, progress) {
  const results = [];
  for (const [index, shape] of SHAPES.entries()) {
    progress(`shape ${index + 1} of ${SHAPES.length}`);
    results.push({ ...shape, peers: await measureShape(peers, shape, options) });
  }
  return results;
}
