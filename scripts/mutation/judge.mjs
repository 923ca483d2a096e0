// Makes one change in the workplace, lets the tests judge it, and takes it back.
import { join } from "node:path";
import { PARTS } from "./site.mjs";
import { Reach } from "./reach.mjs";
import { stagesFor } from "./stages.mjs";
import { tryBundle } from "./trial.mjs";
import { TypeChecker } from "./types.mjs";

/** The package that is to be judged fails its tests as it is. */
class UnchangedFails extends Error {}

export class Judge {
  #place;
  #types;
  #plain;
  #reaches = new Map();
  #sound = new Set();

  constructor(place) {
    this.#place = place;
  }

  /** Compiles the kernels as they are: what changes are compared with. */
  async prepare() {
    this.#plain = await this.#place.compileKernels();
    if (this.#plain === undefined) throw new UnchangedFails("the kernels do not compile as they are");
  }

  /**
   * `{ status, by, seconds }`: `caught`, `survived`, or, of no account, `refused` by the compiler and `same` code.
   *
   * @param isTouched whether the tests of the touched part are all that is asked
   * @throws UnchangedFails where a stage fails without any change
   */
  async judge(site, isTouched) {
    const original = this.#place.read(site.file);
    const changed = original.slice(0, site.start) + site.text + original.slice(site.end);
    let seconds = 0;
    try {
      const refusal = await this.#timed(() => this.#compile(site, changed));
      seconds += refusal.seconds;
      if (refusal.status !== undefined) return { status: refusal.status, seconds };
      for (const stage of stagesFor(site, isTouched)) {
        const ensureSound = () => this.#ensureSound(stage, site, () => this.#lay(site, original, this.#plain));
        await ensureSound();
        this.#lay(site, changed, refusal.bytes);
        const { isTold, ...found } = await this.#timed(() => this.#try(stage, site));
        seconds += found.seconds;
        if (found.status === undefined) continue;
        // No test has said what is wrong: it may be the machine.
        if (!isTold && this.#sound.delete(stage.name)) await ensureSound();
        return { ...found, seconds };
      }
      return { status: "survived", seconds };
    } finally {
      this.#lay(site, original, this.#plain);
    }
  }

  async #timed(work) {
    const start = performance.now();
    const result = await work();
    return { ...result, seconds: (performance.now() - start) / 1000 };
  }

  /** Puts a file, and the kernels made of it, into the workplace. */
  #lay({ part, file }, text, bytes) {
    this.#place.write(file, text);
    if (part === "assembly") this.#place.layKernels(bytes);
  }

  /** What the compiler makes of a change: `{ bytes }`, or the `{ status }` of one that is not worth a test. */
  async #compile({ part, file }, changed) {
    if (part === "shaders") return {}; // its bundle says so
    if (part === "ops") this.#ensureTyped(file);
    this.#place.write(file, changed);
    if (part === "assembly") {
      const bytes = await this.#place.compileKernels();
      if (bytes === undefined) return { status: "refused" };
      return bytes.equals(this.#plain) ? { status: "same" } : { bytes };
    }
    return this.#types.wrongWith(join(this.#place.root, file)) ? { status: "refused" } : {};
  }

  /** A file has no wrong types before it is changed. */
  #ensureTyped(file) {
    this.#types ??= new TypeChecker(this.#place.root);
    if (this.#sound.has(file)) return;
    const wrong = this.#types.wrongWith(join(this.#place.root, file));
    if (wrong !== undefined) throw new UnchangedFails(`without any change, ${file}: ${wrong}`);
    this.#sound.add(file);
  }

  /** One stage: `{}` where all its tests pass. */
  async #try(stage, site) {
    const bundle = await this.#place.bundle(stage, site.part === "ops");
    const result = await tryBundle(this.#place, stage, bundle, this.#words(site));
    if (result.invalid) return { status: "refused", isTold: true };
    if (result.passed !== undefined) return {};
    const isTold = result.file !== undefined;
    return { status: "caught", by: described(result), stage: stage.name, stopped: result.stopped, isTold };
  }

  /** Each stage passes once without a change before a change meets it. */
  async #ensureSound(stage, site, restore) {
    if (this.#sound.has(stage.name)) return;
    restore();
    const bundle = await this.#place.bundle(stage, false);
    const result = await tryBundle(this.#place, { ...stage, seconds: 600 }, bundle, this.#words(site));
    if (result.passed === 0) return; // no test names it: the next change may have some
    if (!result.passed) throw new UnchangedFails(`without any change, ${stage.name}: ${described(result)}`);
    console.log(`${"unchanged".padEnd(12)} ${stage.name}: ${result.passed} tests pass`);
    this.#sound.add(stage.name);
  }

  #words(site) {
    const { folder } = PARTS[site.part];
    if (!this.#reaches.has(folder)) this.#reaches.set(folder, new Reach(this.#place.root, folder));
    return this.#reaches.get(folder).namesFrom(site);
  }
}

const described = ({ failed, file, reason, invalid, passed }) => {
  if (invalid) return `does not compile: ${invalid}`;
  if (passed === 0) return "no test";
  return file ? `${file}: ${failed}` : [failed, reason].filter(Boolean).join(" ");
};
