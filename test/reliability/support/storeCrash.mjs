// The store on a disk that forgets: a loss of power at every call of the file system, and an error of every call.
import { Disk, LOSSES, onDisk } from "./storeDisk.mjs";

const PATH = "/data/runs/one/model";
const filled = (mark) => new Uint8Array(64).fill(mark);
/** The mark of whole bytes; 0 where there are none, and a sentence where they are torn. */
const markOf = (bytes) => {
  if (bytes === undefined) return 0;
  return bytes.length === 64 && bytes.every((byte) => byte === bytes[0]) ? bytes[0] : `torn (${bytes.length} bytes)`;
};

/** What is done, as steps of `[mark after it, work]`; a loss of power comes at any call of them. */
const STORIES = {
  "a first write into folders that are not there": [[1, (store) => store.write(filled(1))]],
  "one write after another": [1, 2, 3].map((mark) => [mark, (store) => store.write(filled(mark))]),
  "a removal": [
    [1, (store) => store.write(filled(1))],
    [0, (store) => store.remove()],
    [2, (store) => store.write(filled(2))],
  ],
};

/** Plays a story until the call of a number; gives the disk then, the marks that may be read, and whether it came to its end. */
async function play(openStore, story, lastCall) {
  const disk = new Disk();
  let [calls, acknowledged, stop] = [0, 0, undefined];
  const lost = new Promise((resolve) => {
    stop = resolve;
  });
  disk.onCall = async () => {
    if (calls++ < lastCall) return;
    stop("lost");
    await new Promise(() => undefined); // the process is gone
  };
  const steps = (async () => {
    const store = openStore(PATH);
    for (const [, work] of story) {
      await work(store);
      acknowledged++;
    }
    return "ended";
  })();
  const end = await onDisk(disk, () => Promise.race([steps, lost]));
  const marks = [0, ...story.map(([mark]) => mark)];
  return { disk, allowed: marks.slice(acknowledged, acknowledged + 2), hasEnded: end === "ended" };
}

/** Every loss at every call of every story. `reader` is the store of another process: it knows nothing of the one that ended. */
export async function tryLosses(t, { openStore }, reader) {
  let calls = 0;
  for (const [what, story] of Object.entries(STORIES))
    for (let call = 0, hasEnded = false; !hasEnded; call++) {
      const played = await play(openStore, story, call);
      hasEnded = played.hasEnded;
      calls++;
      for (const loss of Object.keys(LOSSES))
        await t.try(`${what}, power lost at call ${call}, left is ${loss}`, async () => {
          const disk = played.disk.afterLoss(loss);
          const mark = markOf(await onDisk(disk, () => reader.openStore(PATH).read()));
          if (!played.allowed.includes(mark)) throw new RangeError(`read ${mark}, allowed ${played.allowed}`);
          const left = disk.files().filter((file) => file !== PATH);
          if (left.length > 0) throw new RangeError(`left behind: ${left}`);
        });
    }
  return calls;
}

const CODES = ["ENOSPC", "EIO", "EACCES", "EROFS"];

/** Every code at every call of a write over what is there: told, the old or the new left whole, and the next write works. */
export async function tryErrors(t, { openStore }) {
  for (const code of CODES)
    for (let call = 0, hasFailed = true; hasFailed; call++) {
      const disk = new Disk();
      await onDisk(disk, () => openStore(PATH).write(filled(1)));
      let [calls, failed, renamed] = [0, undefined, false];
      disk.onCall = async (name) => {
        if (calls++ === call) {
          failed = name;
          throw Object.assign(new TypeError(`${code}: ${name}`), { code });
        }
        renamed ||= name === "rename";
      };
      const store = openStore(PATH);
      const error = await onDisk(disk, () =>
        store.write(filled(2)).then(
          () => undefined,
          (cause) => cause,
        ),
      );
      disk.onCall = async () => undefined;
      hasFailed = failed !== undefined;
      if (hasFailed)
        await t.try(`${code} of ${failed}, call ${call}`, () =>
          onDisk(disk, async () => {
            if (error !== undefined && !(error.name === "DataError" && error.message.includes(`${PATH}: ${code}`)))
              throw new RangeError(`it threw ${error}`);
            const beside = disk.files().filter((file) => file !== PATH);
            if (beside.length > 0 && failed !== "unlink") throw new RangeError(`left behind: ${beside}`);
            const mark = markOf(await store.read());
            const expected = error === undefined || renamed ? 2 : 1;
            if (mark !== expected) throw new RangeError(`read ${mark}, expected ${expected}; it threw ${error}`);
            await store.write(filled(3));
            if (markOf(await store.read()) !== 3) throw new RangeError("the next write was not taken");
            const left = disk.files().filter((file) => file !== PATH);
            if (left.length > 0) throw new RangeError(`left behind: ${left}`);
          }),
        );
    }
}

/** Two writers at once, one call of the one and some of the other in turn: one of them whole at every call. */
export async function tryTwoWriters(t, { openStore }, reader) {
  for (let turn = 1; turn <= 12; turn++)
    await t.try(`two writers, ${turn} calls of one to one of the other`, async () => {
      const disk = new Disk();
      const looks = [];
      disk.onCall = async () => {
        looks.push(disk.settle());
        for (let i = 0; i < (looks.length % (turn + 1)) * 3; i++) await undefined;
      };
      await onDisk(disk, () =>
        Promise.all([openStore(PATH).write(filled(1)), reader.openStore(PATH).write(filled(2))]),
      );
      for (const look of looks) {
        const mark = markOf(await onDisk(look, () => reader.openStore(PATH).read()));
        if (![0, 1, 2].includes(mark)) throw new RangeError(`read ${mark}`);
      }
    });
}
