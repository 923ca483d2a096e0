// What a computing thread runs. It is bundled into a text of its own (`worker:` imports), which needs nothing but the runtime.
import { callFrom } from "../call.ts";
import {
  ARRIVED,
  BARRIER,
  DONE,
  HEAD,
  LOADS,
  PATIENCE,
  PHASE,
  partOf,
  type ThreadMessage,
  type ThreadStart,
  WRITE,
} from "./layout.ts";

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
  const end = performance.now() + PATIENCE / threads;
  do {
    for (let i = 0; i < LOADS; i++) if (Atomics.load(control, word) !== value) return;
  } while (performance.now() < end);
  while (Atomics.load(control, word) === value) Atomics.wait(control, word, value);
}

/** Waits until all threads have come here. */
function barrier(start: ThreadStart): void {
  const { control, threads } = start;
  const phase = Atomics.load(control, PHASE);
  if (Atomics.add(control, ARRIVED, 1) < threads - 1) waitWhile(start, PHASE, phase);
  else {
    Atomics.store(control, ARRIVED, 0);
    Atomics.add(control, PHASE, 1);
    Atomics.notify(control, PHASE);
  }
}

type Call = (...args: number[]) => number;

function runPart(start: ThreadStart, functions: readonly Call[], list: number): void {
  const { lists, memory } = start;
  let at = partOf(list, start.thread, start.threads);
  const end = at + 1 + (lists[at] as number);
  for (at++; at < end; ) {
    const command = lists[at++] as number;
    if (command === BARRIER) {
      barrier(start);
      continue;
    }
    const count = lists[at++] as number;
    if (command === WRITE) {
      const [address, bytes] = [lists[at] as number, lists[at + 1] as number];
      const words = Uint32Array.from(lists.subarray(at + 2, at + count));
      new Uint8Array(memory.buffer, address, bytes).set(new Uint8Array(words.buffer, 0, bytes));
    } else callFrom(functions[command] as Call, lists, at, count);
    at += count;
  }
}

async function work(start: ThreadStart): Promise<void> {
  const { module, memory, control, thread, tell } = start;
  const abort = () => {
    throw new Error("a kernel aborted");
  };
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort } });
  const functions = WebAssembly.Module.exports(module).map(({ name }) => exports[name] as Call);
  port.postMessage({ type: "ready" });
  for (let list = 0; ; list++) {
    waitWhile(start, HEAD, list);
    runPart(start, functions, list);
    barrier(start);
    if (thread > 0) continue;
    Atomics.store(control, DONE, list + 1);
    Atomics.notify(control, DONE);
    if (tell) port.postMessage({ type: "done" });
  }
}

const begin = (start: ThreadStart): void => {
  work(start).catch((error: unknown) => port.postMessage({ type: "failed", message: String(error) }));
};
if (port.once) port.once("message", begin);
else port.onmessage = ({ data }) => begin(data);
