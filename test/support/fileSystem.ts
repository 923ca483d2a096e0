import * as real from "node:fs/promises";
import type { FileSystem } from "../../src/io/fileSystem.ts";

/** Runs `work` with a file system of which some calls are others than Node's. */
export async function withFiles<T>(changed: Partial<FileSystem>, work: () => Promise<T>): Promise<T> {
  const { getBuiltinModule } = process;
  const files = { ...real, ...changed };
  process.getBuiltinModule = ((name: string) =>
    name === "node:fs/promises" ? files : getBuiltinModule(name)) as typeof getBuiltinModule;
  try {
    return await work();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
}
