// The store where a disk is full, or closed to the user.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const filled = (mark, length) => new Uint8Array(length).fill(mark);

/** Throws unless the work was refused with a DataError that says so. */
async function refused(work, words) {
  const error = await work.then(
    () => "nothing was thrown",
    (cause) => cause,
  );
  if (error?.name !== "DataError" || !words.every((word) => error.message.includes(word)))
    throw new RangeError(`expected a DataError of ${words}, got ${error}`);
}

async function holds(store, folder, mark) {
  const bytes = await store.read();
  if (!bytes?.every((byte) => byte === mark)) throw new RangeError("what was there has changed");
  if (readdirSync(folder).length !== 1) throw new RangeError(`left behind: ${readdirSync(folder)}`);
}

/** 1 MiB: a file of 400 kB, one of 700 kB beside it that does not fit, one of 300 kB that does. */
async function onSmallDisk({ openStore }, folder) {
  const store = openStore(join(folder, "file"));
  await store.write(filled(1, 400_000));
  await refused(store.write(filled(2, 700_000)), [folder, "ENOSPC", "make room"]);
  await holds(store, folder, 1);
  await store.write(filled(3, 300_000));
  await holds(store, folder, 3);
}

/** The device that is always full, in the place of the temporary file. */
async function onFullDevice({ openStore }, folder) {
  const store = openStore(join(folder, "file"));
  await store.write(filled(1, 1000));
  const { getBuiltinModule } = process;
  const open = async (place, flags) => {
    if (!place.endsWith(".tmp")) return files.open(place, flags);
    await files.writeFile(place, "");
    return files.open("/dev/full", "w");
  };
  process.getBuiltinModule = (name) =>
    name === "node:fs/promises" ? { ...files, open } : getBuiltinModule.call(process, name);
  try {
    await refused(store.write(filled(2, 1000)), [folder, "ENOSPC"]);
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
  await holds(store, folder, 1);
}

/** A user who may read and not write; root may everything, so a child that is not root tries. */
async function asNobody(bundle, folder) {
  writeFileSync(join(folder, "file"), filled(1, 10));
  chmodSync(folder, 0o555);
  const program = `const { openStore } = await import(${JSON.stringify(bundle)});
const store = openStore(${JSON.stringify(join(folder, "file"))});
const error = await store.write(new Uint8Array(3)).catch((cause) => cause);
console.log(error?.name, error?.message, (await store.read()).length);`;
  const who = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const args = ["--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { ...who, cwd: "/", encoding: "utf8" });
  chmodSync(folder, 0o755);
  if (!/^DataError cannot write .*EACCES.*choose a path that this user may write 10$/m.test(stdout))
    throw new RangeError(`it said ${stdout}${stderr}`);
}

async function underFile({ openStore }, folder) {
  writeFileSync(join(folder, "file"), "");
  await refused(openStore(join(folder, "file", "below")).write(filled(1, 1)), [folder, "ENOTDIR", "choose another"]);
  mkdirSync(join(folder, "folder"));
  await refused(openStore(join(folder, "folder")).write(filled(1, 1)), [folder, "no regular file"]);
  await refused(openStore(join(folder, "folder")).read(), [folder, "EISDIR", "choose another"]);
  if (readdirSync(join(folder, "folder")).length > 0) throw new RangeError("the folder has changed");
}

/** Tries full and closed places; what could not be tried here, in words. */
export async function tryFullDisks(t, store, bundle) {
  const root = mkdtempSync(join(tmpdir(), "torchlet-full-"));
  chmodSync(root, 0o755);
  const folder = (name) => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  const skipped = [];
  const small = folder("small");
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]).status === 0;
  try {
    if (mounted) await t.try("a disk of 1 MiB", () => onSmallDisk(store, small));
    else skipped.push("the disk of 1 MiB (mount is refused here)");
    await t.try("a full device", () => onFullDevice(store, folder("device")));
    await t.try("a folder of somebody else", () => asNobody(bundle, folder("closed")));
    await t.try("a path below a file, and one of a folder", () => underFile(store, folder("under")));
  } finally {
    if (mounted) spawnSync("umount", [small]);
    rmSync(root, { recursive: true, force: true });
  }
  return skipped.join(", ");
}
