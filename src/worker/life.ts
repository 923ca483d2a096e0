// Browsers and Deno tell nobody that a worker has been terminated, and it says nothing itself. But a lock that it holds falls free.

interface Locks {
  request(name: string, held: () => Promise<void>): Promise<void>;
  request(name: string, options: { signal: AbortSignal }, held: () => void): Promise<void>;
}

const ownLocks = () => ((globalThis.navigator ?? {}) as { readonly locks?: Locks }).locks;

/**
 * Holds a lock for as long as this worker lives. Resolves once it is held, to its name: whoever is told of it can watch from
 * the start. Resolves to undefined where there are no locks, or they are refused as storage is: such a worker is not watched.
 */
export function holdLife(): Promise<string | undefined> {
  const locks = ownLocks();
  if (!locks) return Promise.resolve(undefined);
  const name = `torchlet-worker-${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const forever = () => {
      resolve(name);
      return new Promise<void>(() => undefined);
    };
    locks.request(name, forever).catch(() => resolve(undefined));
  });
}

/** Calls `gone` when the worker that holds the lock of this name has ended, unless `signal` is aborted before. */
export function watchLife(name: string, signal: AbortSignal, gone: () => void): void {
  ownLocks()
    ?.request(name, { signal }, gone)
    .catch(() => undefined);
}
