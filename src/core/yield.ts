/** Milliseconds of work after which others get a turn: with what the CPU runs in one go that makes one frame of a display, 16. */
const TURN = 10;

interface Runtime {
  readonly setImmediate?: (callback: () => void) => unknown;
}

let lastTurn = 0;

/**
 * Resolves after timers, messages, signals, input and finalizers have had a turn. `setImmediate` where there is one (1-2 µs; a
 * MessageChannel starves timers there), else a MessageChannel (5-8 µs). `setTimeout` would cost 1-4 ms, and Chromium lets
 * what goes on after `scheduler.yield` overtake messages, so that a worker would never hear of an abort.
 */
export async function yieldToEvents(): Promise<void> {
  const { setImmediate } = globalThis as Runtime;
  if (setImmediate) await new Promise<void>((resolve) => setImmediate(resolve));
  else await viaChannel();
  lastTurn = performance.now();
}

function viaChannel(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Yields if nobody has had a turn for 10 ms; otherwise there is nothing to wait for. */
export function yieldIfDue(): Promise<void> | undefined {
  return performance.now() - lastTurn > TURN ? yieldToEvents() : undefined;
}
