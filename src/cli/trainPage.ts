// The page that `torchlet train --headless` runs in Chrome: the reference job, told to the runner.
import type { HeadlessPage } from "../headless/protocol.ts";
import { type JobOptions, trainJob } from "./trainJob.ts";

/** The job's options, and in base64 the checkpoint that it is to go on from. */
interface PageOptions extends JobOptions {
  readonly checkpoint?: string;
}

const { headlessRun } = globalThis as HeadlessPage<PageOptions>;
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

await headlessRun?.(({ args, data, device, signal, onEpoch, onStep, saveFile, post }) =>
  trainJob(
    { ...args, device },
    {
      ...(data !== undefined && { data }),
      signal,
      progress: false,
      onStart: post,
      onResume: post,
      onEpoch,
      onStep: (info) => onStep({ ...info, epochs: args.epochs }),
      saveFile,
      ...(args.checkpoint !== undefined && { resume: fromBase64(args.checkpoint) }),
    },
  ),
);
