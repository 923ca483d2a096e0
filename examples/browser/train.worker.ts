// The reference job in a worker. It trains, changes dropout while it does, and reads digits before, during and after.
import { diagnose, F, init, manualSeed, nn, noGrad, optim, tensor } from "torchlet";
import { type DataLoader, loadMnist, MNIST } from "torchlet/data";
import { fit } from "torchlet/train";
import { serveTraining, type WorkerRun } from "torchlet/worker";
import { DropoutModel } from "../mnist.ts";
import type { Image } from "./digit.ts";
import type { Ask, Settings, Tell } from "./protocol.ts";

const BATCH_SIZE = 200;

const job = serveTraining(async (run: WorkerRun<Settings>) => {
  const { data, device: wish, dropout } = run.args;
  const tell = (message: Tell) => run.post(message);
  const device = await init({ device: wish });
  const [trainLoader, testLoader] = await digits(data, wish);

  manualSeed(0); // the same run every time, drawings or not
  const model = new DropoutModel(dropout).to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });

  const started = new Promise<number>((start) => {
    run.onMessage((value) => {
      const ask = value as Ask;
      if (ask.kind === "start") start(ask.epochs);
      else if (ask.kind === "dropout") setDropout(model, ask.p);
      else if (ask.kind === "sample") tell(sample(testLoader));
      else
        read(model, ask.image).then(
          (probabilities) => tell({ kind: "read", probabilities }),
          (error: unknown) => tell({ kind: "trouble", message: String(error) }),
        );
    });
  });
  const parameters = model.parameters().reduce((sum, { shape }) => sum + shape.reduce((n, size) => n * size, 1), 0);
  const adapter = (wish === "webgpu" && diagnose().webgpu?.adapter) || "";
  tell({ kind: "ready", images: trainLoader.dataset.length, batches: trainLoader.length, parameters, adapter });

  const aborted = new Promise<undefined>((resolve) => {
    run.signal.addEventListener("abort", () => resolve(undefined));
    if (run.signal.aborted) resolve(undefined);
  });
  const epochs = await Promise.race([started, aborted]);
  if (epochs === undefined) return;
  const { seconds, status } = await fit(trainLoader, testLoader, model, new nn.CrossEntropyLoss(), optimizer, epochs, {
    device,
    mode: "multi",
    progress: false,
    onStep: run.onStep,
    onEpoch: run.onEpoch,
    signal: run.signal,
  });
  if (status !== "aborted") tell({ kind: "done", seconds });
  await aborted; // the network is still asked what it reads
});

/** For the page: `trainInWorker<Job>` then knows the settings. */
export type Job = typeof job;

const loaders = new Map<string, Promise<[DataLoader, DataLoader]>>();

/** The training and the test set, read once for each device: a worker lives longer than a run. */
function digits(root: string, device: string): Promise<[DataLoader, DataLoader]> {
  const key = `${device} ${root}`;
  const known = loaders.get(key);
  if (known) return known;
  const loading = Promise.all([
    loadMnist(root, { batchSize: BATCH_SIZE, train: true }), // shuffled
    loadMnist(root, { batchSize: BATCH_SIZE, train: false }),
  ]);
  loading.catch(() => loaders.delete(key)); // another attempt may find it
  loaders.set(key, loading);
  return loading;
}

/** Dropout's p may change between two steps; the next mask is drawn with it. */
function setDropout(model: nn.Module, p: number): void {
  for (const layer of model.modules()) if (layer instanceof nn.Dropout) layer.p = p;
}

/**
 * What the network takes an image for. This may come between two steps of a training: evaluation mode draws no random number,
 * noGrad records nothing, and the mode is set back before training goes on.
 */
async function read(model: DropoutModel, image: Image): Promise<number[]> {
  const { training } = model;
  model.eval();
  const probabilities = noGrad(() => F.softmax(model(tensor(image, { shape: [1, 1, 28, 28] })), 1));
  model.train(training);
  return Array.from(await probabilities.data(), Number);
}

/** Any image of the test set, which the network does not learn from. */
function sample({ dataset }: DataLoader): Tell {
  if (!(dataset instanceof MNIST)) return { kind: "trouble", message: "the data set is not MNIST" };
  const index = Math.floor(Math.random() * dataset.length);
  const image = Float32Array.from(dataset.images.subarray(index * 784, (index + 1) * 784), (byte) => byte / 255);
  return { kind: "sample", image, index, label: dataset.labels[index] as number };
}
