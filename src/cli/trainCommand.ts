import { trainHeadless } from "../headless/trainHeadless.ts";
import type { TrainOptions } from "./options.ts";
import { RunFolder } from "./runFolder.ts";
import { Stop } from "./stop.ts";
import { type JobResult, trainJob } from "./trainJob.ts";

/**
 * `torchlet train`: the reference job with the given options, in this process or in headless Chrome.
 *
 * @returns the exit code: 0, or 128 + the number of the signal that stopped it
 */
export async function trainCommand(options: TrainOptions): Promise<number> {
  const folder = new RunFolder(options);
  await folder.check();
  const stop = new Stop();
  try {
    const train = options.headless ? trainInChrome : trainHere;
    await folder.finish(await train(options, folder, stop.signal));
    return stop.exitCode;
  } catch (error) {
    await folder.discard();
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    // Stopped before the first step: there is nothing to write.
    if (options.json) console.log(JSON.stringify({ status: "aborted" }));
    return stop.exitCode;
  } finally {
    stop.dispose();
  }
}

function trainHere(options: TrainOptions, folder: RunFolder, signal: AbortSignal): Promise<JobResult> {
  const { start: onStart, epoch: onEpoch, saveFile } = folder;
  return trainJob(options, { signal, progress: !options.json, onStart, onEpoch, saveFile });
}

async function trainInChrome(options: TrainOptions, folder: RunFolder, signal: AbortSignal): Promise<JobResult> {
  const { result } = await trainHeadless<JobResult>({
    page: new URL("./trainPage.js", import.meta.url),
    args: options,
    device: options.device,
    data: options.data,
    onMessage: (table) => folder.start(String(table)),
    onEpoch: folder.epoch,
    onFile: folder.saveFile,
    signal,
    progress: !options.json,
  });
  return result;
}
