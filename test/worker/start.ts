import type { ThreadLike, WebWorkerLike } from "../../src/worker/scope.ts";

/** A worker of the web or of node:worker_threads. */
export type AnyWorker = (WebWorkerLike | ThreadLike) & { terminate(): unknown };

interface Runtime {
  readonly Worker?: new (url: URL, options: { type: "module" }) => AnyWorker;
  readonly process?: { getBuiltinModule?: (name: string) => Runtime };
}

/** Starts a bundle that lies beside the one that runs, in a worker of whatever kind there is here. */
export function startWorker(file: string): AnyWorker {
  const { Worker, process } = globalThis as unknown as Runtime;
  const Kind = Worker ?? process?.getBuiltinModule?.("node:worker_threads").Worker;
  if (Kind === undefined) throw new TypeError("no workers here");
  return new Kind(new URL(`./${file}`, import.meta.url), { type: "module" });
}
