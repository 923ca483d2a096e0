interface NodePackage {
  readonly create: (options: readonly string[]) => GPU;
}

/**
 * WebGPU in Node, by the npm package `webgpu` where it is installed. A file by itself: JSR knows no optional packages, so
 * what is published there has another in its place (`scripts/jsr.mjs`).
 */
export async function nodeGpu(): Promise<GPU | undefined> {
  // Spelled as a variable: an optional package that bundlers must not look for.
  const name = "webgpu";
  try {
    const { create }: NodePackage = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
    return create([]);
  } catch {
    return undefined;
  }
}
