// What the benchmark asks of its peers. They take turns, in an order that turns around each round, so that a noisy machine
// disturbs all of them alike.
import { writeFileSync } from "node:fs";
import { BENCH_FOLDER } from "./benchSetup.mjs";

/** Epochs of a whole job on the CPU. */
export const EPOCHS = 10;
/** Training steps of an epoch: 60,000 samples in batches of 200. */
export const EPOCH_STEPS = 300;
/** Every peer must have brought the mean loss of the test set to this level after so many steps. */
export const LEARNED = { loss: 0.4, steps: EPOCH_STEPS };
/** With the weights of torchlet another system must find its test loss: sums of 784 products in f32 differ by less. */
const SAME_LOSS = 1e-4;

/** Engines compile what runs often anew, in stages: an epoch and some evaluations later they are done. Whole jobs begin cold. */
export const WARM_UP = {
  node: { steps: EPOCH_STEPS, evaluations: 4 },
  chromium: { steps: EPOCH_STEPS, evaluations: 4 },
  webgpu: { steps: 10, evaluations: 1 },
};
const SECONDS = { chunk: 600, job: 7200 };

/** The peers in the order of a round. */
export const inTurn = (peers, round) => (round % 2 ? [...peers].reverse() : peers);

/** Gives the weights that the first torchlet has learned to those that cannot train. */
async function handOver(peers) {
  const learners = peers.filter((peer) => !peer.trains);
  if (learners.length === 0) return undefined;
  const teacher = peers.find(({ name }) => name === "torchlet");
  if (teacher === undefined) throw new Error("torchlet is not there to give its weights");
  const { onnx } = await teacher.ask("onnx", SECONDS.chunk);
  writeFileSync(`${BENCH_FOLDER}/model.onnx`, Buffer.from(onnx, "base64"));
  return teacher;
}

/** Asks `command` of each peer, then evaluations; one that fails is left out: `{ ready, absent }`. */
async function bringToSpeed(peers, command, evaluations, progress) {
  const [ready, absent] = [[], []];
  for (const peer of peers) {
    progress(`warm-up: ${peer.label}`);
    Object.assign(peer, { stepMs: [], evaluateMs: [], wholeMs: [], tests: [] });
    try {
      await peer.ask(command, SECONDS.chunk);
      for (let i = 0; i < evaluations; i++) await peer.ask("evaluate", SECONDS.chunk);
      ready.push(peer);
    } catch (error) {
      absent.push({ label: peer.label, reason: error.message });
      await peer.stop().catch(() => {}); // it has failed already
    }
  }
  return { ready, absent };
}

/** Warms up those that train, then the others on what torchlet has learned so far. */
async function warmUp(peers, { steps, evaluations }, progress) {
  const others = peers.filter(({ trains }) => !trains);
  const training = await bringToSpeed(
    peers.filter(({ trains }) => trains),
    `steps ${steps}`,
    evaluations,
    progress,
  );
  const evaluating = await handOver([...training.ready, ...others]).then(
    () => bringToSpeed(others, "load", evaluations, progress),
    ({ message }) => ({ ready: [], absent: others.map(({ label }) => ({ label, reason: message })) }),
  );
  return {
    ready: [...training.ready, ...evaluating.ready],
    absent: [...training.absent, ...evaluating.absent],
  };
}

/** Of a round on the CPU: one of 10,000 samples takes some systems 50 ms, in which one turn of another program tells. */
export const EVALUATIONS = 5;

async function evaluate(peer, times) {
  let ms = 0;
  for (let i = 0; i < times; i++) {
    const test = await peer.ask("evaluate", SECONDS.chunk);
    ms += test.ms;
    if (i === 0) peer.tests.push(test); // the others find the same
  }
  peer.evaluateMs.push(ms / times);
}

/** Those that cannot train evaluate what torchlet has learned by now, and must find the same. */
async function compare(peers) {
  const teacher = await handOver(peers);
  for (const peer of peers.filter(({ trains }) => !trains)) {
    await peer.ask("load", SECONDS.chunk);
    const test = await peer.ask("evaluate", SECONDS.chunk);
    peer.tests = [test];
    peer.isSame = Math.abs(test.loss / teacher.tests.at(-1).loss - 1) <= SAME_LOSS;
  }
}

/**
 * Rounds of a chunk of training steps and an evaluation each, then whole jobs.
 *
 * @returns the steps that each peer's test loss was measured after
 */
async function measureCpu(peers, { rounds, steps, jobs }, progress) {
  for (let round = 0; round < rounds; round++) {
    for (const peer of inTurn(peers, round)) {
      progress(`round ${round + 1} of ${rounds}: ${peer.label}`);
      if (peer.trains) peer.stepMs.push((await peer.ask(`steps ${steps}`, SECONDS.chunk)).ms / steps);
      await evaluate(peer, EVALUATIONS);
    }
  }
  for (const peer of peers) peer.tests = peer.tests.slice(-1);
  await compare(peers);
  for (let round = 0; round < jobs; round++) {
    for (const peer of inTurn(peers, round).filter(({ trains }) => trains)) {
      progress(`whole job ${round + 1} of ${jobs}: ${peer.label}`);
      peer.jobTest = await peer.ask(`job ${EPOCHS}`, SECONDS.job);
      peer.wholeMs.push(peer.jobTest.ms);
    }
  }
  return WARM_UP.node.steps + rounds * steps;
}

/**
 * Whole epochs of new models. The peers take turns at chunks of an epoch, whose time is the sum of its chunks; an
 * evaluation follows.
 *
 * @returns the steps that each peer's test losses were measured after
 */
async function measureWebGpu(peers, { gpuSteps, gpuEpochs }, progress) {
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
    for (const peer of inTurn(peers, epoch)) await evaluate(peer, 1);
  }
  return EPOCH_STEPS;
}

const MEASURES = { node: measureCpu, chromium: measureCpu, webgpu: measureWebGpu };

/**
 * Measures the peers of a place and writes into each `stepMs`, `evaluateMs`, `wholeMs` (jobs, or epochs), `test` (of several
 * the one with the highest loss) and `learned`: whether it has, null where it was not trained for long enough to tell.
 *
 * @returns `{ trained, measured, absent }`: the steps that `test` was measured after, the peers, and those that failed
 */
export async function measure(place, peers, options, progress) {
  const { ready, absent } = await warmUp(peers, WARM_UP[place], progress);
  const trained = ready.length ? await MEASURES[place](ready, options, progress) : 0;
  for (const peer of ready) {
    peer.test = peer.tests.reduce((worst, test) => (test.loss <= worst.loss ? worst : test));
    if (trained < LEARNED.steps) peer.learned = peer.isSame ?? null;
    else peer.learned = peer.test.loss <= LEARNED.loss && peer.isSame !== false;
  }
  return { trained, measured: ready, absent };
}
