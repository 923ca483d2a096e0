import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { manualSeed } from "../core/random/state.ts";
import { loadMnist } from "../data/mnist.ts";
import { init } from "../index.ts";
import { checkWritable, saveFile } from "../io/save.ts";
import { serializeState } from "../io/state.ts";
import { CrossEntropyLoss } from "../nn/losses.ts";
import { readState } from "../nn/state.ts";
import { Adam } from "../optim/adam.ts";
import { type EpochInfo, fit, type History } from "../train/fit.ts";
import { reportHtml } from "../train/report.ts";
import { summary } from "../train/summary.ts";
import { DropoutModel } from "./dropoutModel.ts";
import type { TrainOptions } from "./options.ts";

/** One line of `metrics.jsonl`, and of the terminal with `--json`. */
type Line = Readonly<Record<string, string | number>>;

/** Stops a run at SIGINT or SIGTERM; a second signal ends the process at once, as without us. */
class Stop {
  readonly controller = new AbortController();
  signalNumber = 0;
  readonly #handlers = [
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const;
  readonly #listeners = this.#handlers.map(([name, number]) => {
    const listener = () => {
      this.signalNumber = number;
      this.controller.abort();
    };
    process.once(name, listener);
    return () => process.off(name, listener);
  });

  dispose(): void {
    for (const remove of this.#listeners) remove();
  }
}

/**
 * `torchlet train`: the reference job with the given options.
 *
 * @returns the exit code: 0, or 128 + the number of the signal that stopped it
 */
export async function trainCommand(options: TrainOptions): Promise<number> {
  const metricsFile = join(options.out, "metrics.jsonl");
  await checkWritable(metricsFile);
  const device = await init({ device: options.device });
  manualSeed(options.seed);
  const { batchSize } = options;
  const trainLoader = await loadMnist(options.data, { batchSize, train: true });
  const testLoader = await loadMnist(options.data, { batchSize, train: false });
  const model = new DropoutModel(options.dropout).to(device);
  const table = summary(model, [batchSize, 1, 28, 28]);
  if (!options.json) console.log(`${table}\n`);

  await saveFile(metricsFile, "");
  const write = async (line: Line) => {
    const text = JSON.stringify(line);
    if (options.json) console.log(text);
    await appendFile(metricsFile, `${text}\n`);
  };
  const onEpoch = ({ epoch, epochs: _, seconds, ...metrics }: EpochInfo) => write({ epoch, ...metrics, seconds });
  const optimizer = new Adam(model.parameters(), { lr: options.lr });
  const stop = new Stop();
  try {
    const history = await fit(trainLoader, testLoader, model, new CrossEntropyLoss(), optimizer, options.epochs, {
      saveBestModel: options.saveBest,
      saveModelPath: join(options.out, "best.safetensors"),
      earlyStopping: options.earlyStopping,
      patience: options.patience,
      device,
      mode: "multi",
      onEpoch,
      signal: stop.controller.signal,
      progress: !options.json,
    });
    await saveFile(join(options.out, "last.safetensors"), serializeState(await readState(model)));
    await write({ status: history.status, seconds: history.seconds, device: device.type });
    await saveFile(join(options.out, "report.html"), reportOf(options, history, table, device.type));
    if (!options.json)
      console.log(
        `\nWrote ${join(options.out, "report.html")}, metrics.jsonl, last.safetensors${options.saveBest ? ", best.safetensors" : ""}`,
      );
    return stop.signalNumber === 0 ? 0 : 128 + stop.signalNumber;
  } finally {
    stop.dispose();
  }
}

function reportOf(options: TrainOptions, history: History, table: string, device: string): string {
  return reportHtml({
    ...history,
    title: `MNIST with dropout ${options.dropout}`,
    settings: [
      ["Dropout", options.dropout],
      ["Epochs", options.epochs],
      ["Batch size", options.batchSize],
      ["Optimizer", "Adam"],
      ["Learning rate", options.lr],
      ["Seed", options.seed],
    ],
    summary: table,
    device,
  });
}
