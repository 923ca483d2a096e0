import { DataError } from "../core/errors.ts";

/**
 * Where data files lie: a folder's path (Node, Deno, Bun), a URL (`http:`, `https:` or `file:`), or files a user picked.
 *
 * @category MNIST
 */
export type DataRoot = string | URL | Iterable<File>;

interface FileSystem {
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** Node's, Deno's or Bun's file system; a page has none. Asked for by name so that no bundler follows it. */
function fileSystem(): FileSystem | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.("node:fs/promises") as FileSystem | undefined;
}

/**
 * The first of the candidate files that is there.
 *
 * @param root where to look
 * @param candidates paths below `root`, or names among picked files, in order of preference
 * @param advice how to get the data, for the message
 * @throws DataError that says where it looked
 */
export async function readFirst(
  root: DataRoot,
  candidates: readonly string[],
  advice: string,
): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
  const places: string[] = [];
  for (const candidate of candidates) {
    const bytes = await readOne(root, candidate, places);
    if (bytes) return { name: candidate, bytes };
  }
  throw new DataError(`no ${candidates[0]}: looked at ${places.join(", ")}. ${advice}`);
}

async function readOne(
  root: DataRoot,
  candidate: string,
  places: string[],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (typeof root === "object" && !(root instanceof URL)) return readPicked(root, candidate, places);
  const files = fileSystem();
  const remote = /^https?:/.test(String(root)) || files === undefined;
  const place = `${String(root).replace(/\/$/, "")}/${candidate}`;
  places.push(place);
  return remote ? fetchFile(place) : readFile(files, place);
}

async function readPicked(
  files: Iterable<File>,
  candidate: string,
  places: string[],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const name = candidate.slice(candidate.lastIndexOf("/") + 1);
  places.push(`the picked files for ${name}`);
  for (const file of files) if (file.name === name) return new Uint8Array(await file.arrayBuffer());
  return undefined;
}

async function fetchFile(place: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const response = await fetch(place).catch((cause: unknown) => {
    throw new DataError(`fetching ${place} failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new DataError(`fetching ${place} answered ${response.status} ${response.statusText}`);
  // Development servers answer for every path they do not know with the application's page.
  if (response.headers.get("content-type")?.startsWith("text/html")) return undefined;
  return new Uint8Array(await response.arrayBuffer());
}

async function readFile(files: FileSystem, place: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const path = place.startsWith("file:") ? decodeURIComponent(new URL(place).pathname) : place;
    return new Uint8Array(await files.readFile(path));
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new DataError(`reading ${place} failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
