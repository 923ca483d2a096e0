import process from "node:process";

/** A signal that stops a run, with the number that its exit code tells: 128 + n. */
const SIGNALS = [
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const;

/** Stops a run at SIGINT or SIGTERM, between two steps; a second signal ends the process at once. */
export class Stop {
  readonly #controller = new AbortController();
  readonly #listeners: (() => void)[];
  #number = 0;

  constructor() {
    this.#listeners = SIGNALS.map(([name, number]) => {
      const listener = () => {
        // Not left to the system: what listens for "exit" ends the browser and removes its files.
        if (this.#controller.signal.aborted) process.exit(128 + number);
        this.#number = number;
        this.#controller.abort();
      };
      process.on(name, listener);
      return () => process.off(name, listener);
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 0, or 128 + the number of the signal that came. */
  get exitCode(): number {
    return this.#number === 0 ? 0 : 128 + this.#number;
  }

  dispose(): void {
    for (const remove of this.#listeners) remove();
  }
}
