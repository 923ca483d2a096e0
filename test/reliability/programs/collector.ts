// Garbage collection on demand.

interface Versions {
  readonly versions: Readonly<Record<string, string | undefined>>;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Node's collector, which no flag has exposed; undefined elsewhere. */
export async function collector(): Promise<(() => void) | undefined> {
  const host = (globalThis as { readonly process?: Versions }).process;
  if (host === undefined || "Deno" in globalThis || host.versions["bun"]) return undefined;
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
