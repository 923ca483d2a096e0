interface HostFiles {
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** True in Node, Deno and Bun; false in a page. */
export const hasFiles = typeof document === "undefined" && typeof process !== "undefined";

/** The bytes of a file of the repository, by its path from the root: from disk, or from the test server in a page. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (hasFiles) {
    const files: HostFiles = await import("node:fs/promises");
    return new Uint8Array(await files.readFile(path));
  }
  const response = await fetch(`/${path}`);
  if (!response.ok) throw new Error(`GET /${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** A JSON file of the repository. */
export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readBytes(path))) as T;
}
