// The page that `torchlet train --headless` runs in Chrome: the reference job, told to the runner.
import type { HeadlessPage } from "../headless/protocol.ts";
import { type JobOptions, trainJob } from "./trainJob.ts";

const { headlessRun } = globalThis as HeadlessPage<JobOptions>;

await headlessRun?.(({ args, data = args.data, device, signal, onEpoch, onStep, saveFile, post }) =>
  trainJob(
    { ...args, data, device },
    {
      signal,
      progress: false,
      onStart: post,
      onEpoch,
      onStep: (info) => onStep({ ...info, epochs: args.epochs }),
      saveFile,
    },
  ),
);
