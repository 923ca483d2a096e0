// What the benchmark asks of its peers. They take turns, in an order that turns around each round, so that a noisy machine
// disturbs all of them alike.

/** Epochs of a whole job in Node. */
export const EPOCHS = 10;
/** Training steps of an epoch: 60,000 samples in batches of 200. */
export const EPOCH_STEPS = 300;
/** Every peer must have brought the mean loss of the test set to this level after so many steps. */
export const LEARNED = { loss: 0.4, steps: EPOCH_STEPS };

const WARM_UP_STEPS = { node: 90, chromium: 10 };
const SECONDS = { chunk: 180, job: 900 };

const inTurn = (peers, round) => (round % 2 ? [...peers].reverse() : peers);

async function warmUp(peers, steps) {
  for (const peer of peers) {
    Object.assign(peer, { stepMs: [], evaluateMs: [], wholeMs: [], tests: [] });
    await peer.ask(`steps ${steps}`, SECONDS.chunk);
    await peer.ask("evaluate", SECONDS.chunk);
  }
}

async function evaluate(peer) {
  const test = await peer.ask("evaluate", SECONDS.chunk);
  peer.tests.push(test);
  peer.evaluateMs.push(test.ms);
}

/**
 * Rounds of a chunk of training steps and an evaluation each, then whole jobs.
 *
 * @returns the steps that each peer's test loss was measured after
 */
async function measureNode(peers, { rounds, steps, jobs }, progress) {
  await warmUp(peers, WARM_UP_STEPS.node);
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const peer of inTurn(peers, round)) {
      peer.stepMs.push((await peer.ask(`steps ${steps}`, SECONDS.chunk)).ms / steps);
      await evaluate(peer);
    }
  }
  for (const peer of peers) peer.tests = peer.tests.slice(-1);
  for (let round = 0; round < jobs; round++) {
    for (const peer of inTurn(peers, round)) {
      progress(`whole job ${round + 1} of ${jobs}: ${peer.label}`);
      peer.jobTest = await peer.ask(`job ${EPOCHS}`, SECONDS.job);
      peer.wholeMs.push(peer.jobTest.ms);
    }
  }
  return WARM_UP_STEPS.node + rounds * steps;
}

/**
 * Whole epochs of new models. The peers take turns at chunks of an epoch, whose time is the sum of its chunks; an
 * evaluation follows.
 *
 * @returns the steps that each peer's test losses were measured after
 */
async function measureChromium(peers, { gpuSteps, gpuEpochs }, progress) {
  await warmUp(peers, WARM_UP_STEPS.chromium);
  let round = 0;
  for (let epoch = 0; epoch < gpuEpochs; epoch++) {
    for (const peer of peers) {
      await peer.ask("restart", SECONDS.chunk);
      peer.wholeMs.push(0);
    }
    for (let done = 0; done < EPOCH_STEPS; done += gpuSteps, round++) {
      progress(`epoch ${epoch + 1} of ${gpuEpochs}: step ${done} of ${EPOCH_STEPS}`);
      const steps = Math.min(gpuSteps, EPOCH_STEPS - done);
      for (const peer of inTurn(peers, round)) {
        const { ms } = await peer.ask(`steps ${steps}`, SECONDS.chunk);
        peer.stepMs.push(ms / steps);
        peer.wholeMs[epoch] += ms;
      }
    }
    for (const peer of inTurn(peers, epoch)) await evaluate(peer);
  }
  return EPOCH_STEPS;
}

const MEASURES = { node: measureNode, chromium: measureChromium };

/**
 * Measures the peers of a place and writes into each `stepMs`, `evaluateMs`, `wholeMs` (jobs, or epochs), `test` (of several
 * the one with the highest loss) and `learned` (null where it was not trained for long enough to tell).
 *
 * @returns the steps that `test` was measured after
 */
export async function measure(place, peers, options, progress) {
  const trained = await MEASURES[place](peers, options, progress);
  for (const peer of peers) {
    peer.test = peer.tests.reduce((worst, test) => (test.loss <= worst.loss ? worst : test));
    peer.learned = trained < LEARNED.steps ? null : peer.test.loss <= LEARNED.loss;
  }
  return trained;
}
