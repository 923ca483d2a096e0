// What a computing thread runs. It is bundled into a text of its own (`worker:` imports), which needs nothing but the runtime.
import { LIMIT, outlasts, PHASE, type ThreadMessage, type ThreadStart } from "./layout.ts";
import { functionsOf, Runner } from "./runner.ts";

interface Port {
  postMessage(message: ThreadMessage): void;
  once?: (event: "message", hear: (start: ThreadStart) => void) => void;
  onmessage?: ((event: { data: ThreadStart }) => void) | null;
}
interface Runtime {
  readonly process?: { getBuiltinModule?: (name: string) => { readonly parentPort: Port | null } | undefined };
}

const port: Port =
  (globalThis as Runtime).process?.getBuiltinModule?.("node:worker_threads")?.parentPort ??
  (globalThis as unknown as Port);

/** Waits until a word is no longer `value`: awake for a while, then asleep. */
function waitWhile({ control, threads }: ThreadStart, word: number, value: number): void {
  if (outlasts(control, word, value, threads)) return;
  while (Atomics.load(control, word) === value) Atomics.wait(control, word, value);
}

async function work(start: ThreadStart): Promise<void> {
  const { module, memory, control, thread, workspace, tell } = start;
  const listDone = () => {
    if (tell) port.postMessage({ type: "done" });
  };
  const runner = new Runner(start, await functionsOf(module, memory), thread, workspace, listDone);
  port.postMessage({ type: "ready" });
  for (;;) {
    const phase = runner.run();
    if (phase === undefined) continue;
    // Both words are looked at again there: what has changed in the meantime is not missed.
    if (phase === Atomics.load(control, LIMIT)) waitWhile(start, LIMIT, phase);
    else waitWhile(start, PHASE, phase);
  }
}

const begin = (start: ThreadStart): void => {
  work(start).catch((error: unknown) => port.postMessage({ type: "failed", message: String(error) }));
};
if (port.once) port.once("message", begin);
else port.onmessage = ({ data }) => begin(data);
