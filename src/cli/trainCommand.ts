import { trainHeadless } from "../headless/trainHeadless.ts";
import type { Resumption } from "../train/fit.ts";
import type { TrainOptions } from "./options.ts";
import { RunFolder } from "./runFolder.ts";
import { Stop } from "./stop.ts";
import { type ResumedRun, resumeRun } from "./resumeRun.ts";
import { type JobResult, trainJob } from "./trainJob.ts";

/**
 * `torchlet train`: the reference job with the given options, in this process or in headless Chrome; with `--resume` the rest of
 * it, to the same bits.
 *
 * @param asked what the command line says, defaults included
 * @param given the options that it names
 * @returns the exit code: 0, or 128 + the number of the signal that stopped it
 */
export async function trainCommand(asked: TrainOptions, given: ReadonlySet<string>): Promise<number> {
  const run = asked.resume ? await resumeRun(asked, given) : undefined;
  const options = run?.options ?? asked;
  const folder = new RunFolder(options, run?.epochs);
  await folder.check();
  const stop = new Stop();
  try {
    const train = options.headless ? trainInChrome : trainHere;
    await folder.finish(await train(options, folder, stop.signal, run));
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

function trainHere(
  options: TrainOptions,
  folder: RunFolder,
  signal: AbortSignal,
  run: ResumedRun | undefined,
): Promise<JobResult> {
  const { start: onStart, epoch: onEpoch, saveFile } = folder;
  const resume = run && { resume: run.checkpoint };
  return trainJob(options, { signal, progress: !options.json, onStart, onEpoch, saveFile, ...resume });
}

async function trainInChrome(
  options: TrainOptions,
  folder: RunFolder,
  signal: AbortSignal,
  run: ResumedRun | undefined,
): Promise<JobResult> {
  const resume = run && Buffer.from(run.checkpoint).toString("base64");
  const { result } = await trainHeadless<JobResult>({
    page: new URL("./trainPage.js", import.meta.url),
    args: { ...options, checkpoint: resume },
    device: options.device,
    data: options.data,
    // The job's page posts its summary, and where it goes on.
    onMessage: (value) => (typeof value === "string" ? folder.start(value) : folder.resumed(value as Resumption)),
    onEpoch: folder.epoch,
    onFile: folder.saveFile,
    signal,
    progress: !options.json,
  });
  return result;
}
