// Garbage collection on demand.

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** The engine's collector, which Node and Deno need no flag for; undefined where there is none. */
export async function collector(): Promise<(() => void) | undefined> {
  const { gc, process: host } = globalThis as { gc?: () => void; process?: { versions: { bun?: string } } };
  if (gc !== undefined || host === undefined || host.versions.bun !== undefined) return gc;
  const v8: { setFlagsFromString(flag: string): void } = await import("node:v8");
  const vm: { runInNewContext(code: string): () => void } = await import("node:vm");
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}

/** Collects until finalizers have run: they do a turn after the collection, and what they give back may let go of more. */
export async function settle(collect: (() => void) | undefined): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collect?.();
    await pause();
  }
}
