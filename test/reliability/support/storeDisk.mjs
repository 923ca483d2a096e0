// A disk that forgets: files and folders have what programs see and what has reached the disk, and only `sync` carries over.

const refusal = (code, path) => Object.assign(new TypeError(`${code}: ${path}`), { code });
const parentOf = (path) => path.slice(0, Math.max(1, path.lastIndexOf("/")));
const baseOf = (path) => path.slice(path.lastIndexOf("/") + 1);

/** A folder: names seen and names safe. A file: bytes seen and bytes safe. */
const folderNode = () => ({ isFolder: true, seen: new Map(), safe: new Map() });
const fileNode = (seen = [], safe = []) => ({ isFolder: false, seen, safe });

/** What may be left after a loss of power: what was not synced is dropped, or kept, or the names are and the bytes not. */
export const LOSSES = {
  "nothing but what was synced": { names: "safe", bytes: (file) => file.safe },
  "all that was written": { names: "seen", bytes: (file) => file.seen },
  "names without their bytes": { names: "seen", bytes: (file) => file.safe },
  "bytes without their names": { names: "safe", bytes: (file) => file.seen },
  "half of the bytes": {
    names: "seen",
    bytes: (file) => (file.safe === file.seen ? file.seen : file.seen.slice(0, file.seen.length / 2)),
  },
};

/** The part of node:fs/promises that the store uses. Before each call `onCall(name, path)` is awaited, and may throw. */
export class Disk {
  root = folderNode();
  onCall = async () => undefined;

  #find(path) {
    let node = this.root;
    for (const part of path.split("/").filter(Boolean)) {
      if (!node.isFolder) throw refusal("ENOTDIR", path);
      node = node.seen.get(part);
      if (node === undefined) throw refusal("ENOENT", path);
    }
    return node;
  }

  #handle(node, path) {
    return {
      writeFile: async (bytes) => {
        for (const part of [bytes.slice(0, bytes.length / 2), bytes]) {
          await this.onCall("write", path);
          node.seen = Uint8Array.from(part);
        }
      },
      sync: async () => {
        await this.onCall("sync", path);
        node.safe = node.isFolder ? new Map(node.seen) : node.seen;
      },
      close: () => this.onCall("close", path),
    };
  }

  async open(path, flags) {
    await this.onCall("open", path);
    if (flags === "r") return this.#handle(this.#find(path), path);
    const folder = this.#find(parentOf(path));
    if (flags === "wx" && folder.seen.has(baseOf(path))) throw refusal("EEXIST", path);
    folder.seen.set(baseOf(path), fileNode());
    return this.#handle(this.#find(path), path);
  }

  async readFile(path) {
    await this.onCall("read", path);
    return Uint8Array.from(this.#find(path).seen);
  }

  async rename(from, to) {
    await this.onCall("rename", to);
    const node = this.#find(from);
    this.#find(parentOf(from)).seen.delete(baseOf(from));
    this.#find(parentOf(to)).seen.set(baseOf(to), node);
  }

  async unlink(path) {
    await this.onCall("unlink", path);
    this.#find(path);
    this.#find(parentOf(path)).seen.delete(baseOf(path));
  }

  async readdir(path) {
    await this.onCall("readdir", path);
    return [...this.#find(path).seen.keys()];
  }

  async stat(path) {
    await this.onCall("stat", path);
    const node = this.#find(path);
    return { mtimeMs: 0, isFile: () => !node.isFolder };
  }

  async mkdir(path) {
    await this.onCall("mkdir", path);
    let [node, made, place] = [this.root, undefined, ""];
    for (const part of path.split("/").filter(Boolean)) {
      place += `/${part}`;
      if (!node.seen.has(part)) {
        node.seen.set(part, folderNode());
        made ??= place;
      }
      node = node.seen.get(part);
    }
    return made;
  }

  /** All that is seen is safe. */
  settle() {
    return this.afterLoss("all that was written");
  }

  /** The disk as it is found after a loss of power. */
  afterLoss(loss) {
    const { names, bytes } = LOSSES[loss];
    const copy = (node) => {
      if (!node.isFolder) return fileNode(bytes(node), bytes(node));
      const entries = [...node[names]].map(([name, inner]) => [name, copy(inner)]);
      return { isFolder: true, seen: new Map(entries), safe: new Map(entries) };
    };
    const disk = new Disk();
    disk.root = copy(this.root);
    return disk;
  }

  /** Every path of a file, sorted. */
  files() {
    const below = (node, path) =>
      node.isFolder ? [...node.seen].flatMap(([name, inner]) => below(inner, `${path}/${name}`)) : [path];
    return below(this.root, "").sort();
  }

  /** As `node:fs/promises`. */
  asModule() {
    const names = ["open", "readFile", "rename", "unlink", "readdir", "stat", "mkdir"];
    return Object.fromEntries(names.map((name) => [name, this[name].bind(this)]));
  }
}

/** Runs `work` with a disk in the place of Node's file system. */
export async function onDisk(disk, work) {
  const { getBuiltinModule } = process;
  const files = disk.asModule();
  process.getBuiltinModule = (name) => (name === "node:fs/promises" ? files : getBuiltinModule.call(process, name));
  try {
    return await work();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
}
