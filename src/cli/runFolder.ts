import { existsSync } from "node:fs";
import { appendFile, readFile, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { checkWritable, saveFile } from "../io/save.ts";
import type { EpochInfo, Resumption } from "../train/fit.ts";
import { reportHtml } from "../train/report.ts";
import { resumedLine } from "../train/resumedLine.ts";
import { narrowTable } from "./narrowTable.ts";
import type { TrainOptions } from "./options.ts";
import { screenOf } from "./screen.ts";
import type { JobResult } from "./trainJob.ts";

/** One line of `metrics.jsonl`, and of the terminal with `--json`. */
type Line = Readonly<Record<string, string | number>>;

/** A path as it is typed in a shell. */
const shellWord = (path: string): string =>
  /^[\w./:~@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** A folder and those above it that are not there yet. */
function missingFolders(path: string): string[] {
  const folder = resolve(path);
  const above = dirname(folder); // of a drive that is not there: itself
  return existsSync(folder) || above === folder ? [] : [folder, ...missingFolders(above)];
}

/** What a run leaves in `--out`, and what it prints besides `fit`'s lines; the same wherever it was computed. */
export class RunFolder {
  readonly #options: TrainOptions;
  readonly #metrics: string;
  readonly #epochsDone: number;
  #table = "";
  /** Folders that were not there before, innermost first. */
  #made: readonly string[] = [];

  /** @param epochsDone of a run that goes on */
  constructor(options: TrainOptions, epochsDone = 0) {
    this.#options = options;
    this.#epochsDone = epochsDone;
    this.#metrics = join(options.out, "metrics.jsonl");
  }

  /** Makes the folder. @throws DataError if it cannot be written to */
  async check(): Promise<void> {
    this.#made = missingFolders(this.#options.out);
    await checkWritable(this.#metrics);
  }

  /** Removes what `check` has made, as far as nothing was written there: for a run that failed before it began. */
  async discard(): Promise<void> {
    try {
      for (const folder of this.#made) await rmdir(folder);
    } catch {
      // something is in it
    }
  }

  /** Prints the model's summary, and begins the metrics. */
  readonly start = async (table: string): Promise<void> => {
    this.#table = table;
    if (!this.#options.json) console.log(`${narrowTable(table, screenOf(process.stdout))}\n`);
    await saveFile(this.#metrics, await this.#linesBefore());
  };

  /** Prints where the run goes on. */
  readonly resumed = (at: Resumption): void => {
    if (!this.#options.json) console.log(resumedLine(at));
  };

  readonly epoch = ({ epoch, epochs: _, seconds, ...metrics }: EpochInfo): Promise<void> =>
    this.#write({ epoch, ...metrics, seconds });

  readonly saveFile = (name: string, bytes: Uint8Array): Promise<void> =>
    saveFile(join(this.#options.out, name), bytes);

  /** Writes the last line of the metrics and the report, and says what was written. */
  async finish({ device, ...history }: JobResult): Promise<void> {
    const { out, json, saveBest, headless } = this.#options;
    await this.#write({ status: history.status, seconds: history.seconds, device });
    const report = join(out, "report.html");
    await saveFile(report, reportHtml({ ...history, ...this.#heading(), summary: this.#table, device }));
    const best = saveBest ? ", best.safetensors" : "";
    if (json) return;
    console.log(`\nWrote ${report}, metrics.jsonl, last.safetensors${best}`);
    const again = `torchlet train${headless ? " --headless" : ""} --resume --out ${shellWord(out)}`;
    if (history.status === "aborted") console.log(`Go on with: ${again}`);
  }

  /** The metrics of the epochs that are done; what came after the checkpoint comes again. */
  async #linesBefore(): Promise<string> {
    if (this.#epochsDone === 0) return "";
    const text = await readFile(this.#metrics, "utf8").catch(() => "");
    const isKept = (line: string): boolean => {
      const epoch = Number(/^\{"epoch":(\d+),/.exec(line)?.[1] ?? Number.NaN);
      return epoch <= this.#epochsDone && line.endsWith("}");
    };
    return text
      .split("\n")
      .filter(isKept)
      .map((line) => `${line}\n`)
      .join("");
  }

  #heading() {
    const { dropout, epochs, batchSize, lr, seed } = this.#options;
    const settings: [label: string, value: string | number][] = [
      ["Dropout", dropout],
      ["Epochs", epochs],
      ["Batch size", batchSize],
      ["Optimizer", "Adam"],
      ["Learning rate", lr],
      ["Seed", seed],
    ];
    return { title: `MNIST with dropout ${dropout}`, settings };
  }

  async #write(line: Line): Promise<void> {
    const text = JSON.stringify(line);
    if (this.#options.json) console.log(text);
    await appendFile(this.#metrics, `${text}\n`);
  }
}
