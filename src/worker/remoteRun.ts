import { errorFrom } from "../core/failure.ts";
import { watchLife } from "./life.ts";
import { type FromJob, isOurs, type ToJob } from "./protocol.ts";
import { scopeOf, type ThreadLike, type WebWorkerLike } from "./scope.ts";
import type { WorkerOptions, WorkerTraining } from "./training.ts";
import { WorkerError } from "./workerError.ts";

const MILLISECONDS_TO_SERVE = 60_000;
const MILLISECONDS_PER_STEP = 50;
/** How long the reason of an end is waited for, where the end itself is seen first. */
const MILLISECONDS_TO_EXPLAIN = 100;

/** An error as a worker's owner hears of it: an ErrorEvent, whose message is empty where a file did not load, or an Error. */
interface Heard {
  readonly preventDefault?: () => void;
  readonly message?: string;
  readonly filename?: string;
  readonly lineno?: number;
}

/** One run of a worker's job, at its owner's side of the channel. */
export class RemoteRun<Result> implements WorkerTraining<Result> {
  readonly result: Promise<Result>;
  readonly #options: WorkerOptions;
  readonly #port: MessagePort;
  readonly #ended = new AbortController();
  #resolve: (value: Result) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #started = false;

  constructor(worker: WebWorkerLike | ThreadLike, options: WorkerOptions<unknown>) {
    this.#options = options;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const { args, stepEvery = MILLISECONDS_PER_STEP, checkpoint, resume } = options;
    const checkpoints = { ...(checkpoint !== undefined && { checkpoint }), ...(resume !== undefined && { resume }) };
    this.#tell({ type: "start", args, stepEvery, checkpoints });
    port1.onmessage = ({ data }: { readonly data: FromJob }) => this.#handle(data);
    // Node and Chromium tell of most ports whose other end has gone.
    port1.addEventListener("close", () => this.#gone());
    this.#followSignal();
    if (!this.#ended.signal.aborted) this.#call(worker, port2);
  }

  pause(): void {
    this.#tell({ type: "pause" });
  }

  resume(): void {
    this.#tell({ type: "resume" });
  }

  post(value: unknown, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.#ended.signal.aborted) this.#port.postMessage({ type: "post", value } satisfies ToJob, [...transfer]);
  }

  /** Hands the channel over once the worker serves: what is said to one that has not loaded yet may be lost. */
  #call(worker: WebWorkerLike | ThreadLike, port: MessagePort): void {
    const scope = scopeOf(worker);
    const { timeout = MILLISECONDS_TO_SERVE } = this.#options;
    const late = () =>
      this.#fail(
        new WorkerError(`trainInWorker: the worker has not called serveTraining within ${timeout} ms; its file should`),
      );
    const timer = setTimeout(late, timeout);
    this.#ended.signal.addEventListener("abort", () => clearTimeout(timer));
    scope.listen((data) => {
      if (!isOurs(data) || data.torchlet !== "ready" || this.#started || this.#ended.signal.aborted) return;
      this.#started = true;
      clearTimeout(timer);
      // Before the channel goes there: no moment is left at which the worker's end would be seen by nobody.
      if (data.lock !== undefined) watchLife(data.lock, this.#ended.signal, () => this.#gone());
      scope.post({ torchlet: "run", port }, [port]);
    });
    const isThread = !("addEventListener" in worker);
    const onError = (error: Heard) => {
      // An error that nobody catches ends a thread; a web worker goes on, and its owner hears of it by `onerror`.
      if (!isThread && this.#started) return;
      error.preventDefault?.(); // it is told by the run's result; Deno would end the program for it
      this.#fail(new WorkerError(explain(error, this.#started)));
    };
    if (isThread) {
      worker.on("error", (error) => onError(error as Heard));
      worker.on("exit", () => this.#gone());
    } else {
      worker.addEventListener("error", (event) => onError(event as Heard));
      worker.addEventListener("close", () => this.#gone()); // Bun's alone
    }
    scope.post({ torchlet: "hello" }, []);
  }

  #followSignal(): void {
    const { signal } = this.#options;
    if (!signal) return;
    const abort = () => {
      const { reason } = signal;
      if (!this.#started) this.#fail(reason);
      else this.#tell({ type: "abort", reason: reason instanceof Error ? reason.message : String(reason) });
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { signal: this.#ended.signal });
  }

  #handle(message: FromJob): void {
    if (this.#ended.signal.aborted) return;
    const { onStep, onEpoch, onMessage } = this.#options;
    if (message.type === "done") this.#end(() => this.#resolve(message.result as Result));
    else if (message.type === "failed") this.#end(() => this.#reject(this.#errorOf(message.error)));
    else
      try {
        if (message.type === "step") onStep?.(message.info);
        else if (message.type === "epoch") onEpoch?.(message.info);
        else onMessage?.(message.value);
      } catch (error) {
        this.#tell({ type: "abort", reason: "a callback of trainInWorker failed" });
        this.#fail(error);
      }
  }

  #errorOf(failure: Parameters<typeof errorFrom>[0]): unknown {
    const { signal } = this.#options;
    if (signal?.aborted && failure.name === "AbortError") return signal.reason;
    return errorFrom(
      failure,
      ({ name, message }) => new WorkerError(`the worker's job failed with ${name}: ${message}`),
    );
  }

  #gone(): void {
    if (this.#ended.signal.aborted) return;
    setTimeout(() => {
      this.#fail(new WorkerError("trainInWorker: the worker has ended before its job did"));
    }, MILLISECONDS_TO_EXPLAIN);
  }

  #fail(error: unknown): void {
    this.#end(() => this.#reject(error));
  }

  #end(settle: () => void): void {
    if (this.#ended.signal.aborted) return;
    settle();
    this.#tell({ type: "end" });
    this.#ended.abort();
    this.#port.close();
  }

  #tell(message: ToJob): void {
    if (!this.#ended.signal.aborted) this.#port.postMessage(message);
  }
}

/** A worker's error in a sentence. */
function explain({ message, filename, lineno }: Heard, started: boolean): string {
  const where = filename ? ` (${filename}${lineno ? `:${lineno}` : ""})` : "";
  if (message) return `trainInWorker: the worker ${started ? "ended" : "did not load"}: ${message}${where}`;
  return (
    "trainInWorker: the worker did not load, and the browser does not say why: its address may be wrong, its server may not " +
    "send it with Cross-Origin-Embedder-Policy on an isolated page, or the page's worker-src forbids it"
  );
}
