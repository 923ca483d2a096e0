/** Where a run stands. */
export interface ProgressState {
  /** The epoch under way, counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Images of this epoch that are done, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly imagesPerSecond: number;
  /** The loss of the last batch. */
  readonly loss?: number;
}

/** Where `Progress` writes; `process.stderr` and `process.stdout` are such streams. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What `Progress` takes beside its stream. */
export interface ProgressOptions {
  /** Milliseconds of a clock that never runs back; `performance.now` unless given. */
  readonly now?: () => number;
  /** The environment; `NO_COLOR` (not empty) and `TERM=dumb` are heeded. Empty unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const SHORTEST_BAR = 8;
const LONGEST_BAR = 30;
const MILLISECONDS_PER_DRAW = 100;
/** Back to the first column, and clear to the end of the line. */
const CLEAR_LINE = "\r\u001b[K";
/** Written out, because `util.styleText` asks whether stdout is a terminal, and the bar may be on another stream. */
const COLOURS = { cyan: ["\u001b[36m", "\u001b[39m"], dim: ["\u001b[2m", "\u001b[22m"] } as const;

/**
 * One line for a terminal: `Epoch 3/10 ▕██████▍       ▏  41%  41,200 images/s  loss 0.8123`.
 * On a narrow terminal first the loss goes, then the speed, then the bar; the line is never wider than `columns`.
 *
 * @param state any numbers; what is done is shown as at least 0 % and at most 100 %
 * @param state.columns the terminal's width in characters, at least 0
 * @returns plain text without colour and line break
 */
export function progressBar(state: ProgressState & { readonly columns: number }): string {
  const { epoch, epochs, done, total, columns } = state;
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) || 0 : 0;
  const start = `Epoch ${String(epoch).padStart(String(epochs).length)}/${epochs} `;
  const percent = ` ${String(Math.floor(share * 100)).padStart(3)}%`;
  const extras = [speedText(state.imagesPerSecond), lossText(state.loss)].filter((text) => text !== "");
  // The frame of the bar takes two columns.
  const room = (): number => columns - start.length - percent.length - extras.join("").length - 2;
  while (extras.length > 0 && room() < SHORTEST_BAR) extras.pop();
  const width = Math.min(LONGEST_BAR, room());
  const bar = width < 1 ? "" : `▕${blocks(share, width)}▏`;
  return `${start}${bar}${percent}${extras.join("")}`.slice(0, Math.max(0, columns));
}

/** A bar of `width` characters, filled to an eighth of a character. */
function blocks(share: number, width: number): string {
  const eighths = Math.floor(share * width * 8);
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ""}`.padEnd(width);
}

function speedText(imagesPerSecond: number): string {
  if (!Number.isFinite(imagesPerSecond) || imagesPerSecond <= 0) return "";
  const text = String(Math.round(imagesPerSecond)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `  ${text} images/s`;
}

function lossText(loss: number | undefined): string {
  if (loss === undefined) return "";
  const scientific = Math.abs(loss) >= 1e5;
  return `  loss ${scientific && Number.isFinite(loss) ? loss.toExponential(2) : loss.toFixed(4)}`;
}

/**
 * The progress of a run on a stream. On a terminal one line is drawn over and over, at most ten times a second, and
 * cleared before anything else is printed; on any other stream only whole lines are written.
 */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  readonly #live: boolean;
  readonly #colour: boolean;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #visible = false;

  constructor(stream: ProgressStream, options: ProgressOptions = {}) {
    const { now = () => performance.now(), environment = {} } = options;
    this.#stream = stream;
    this.#now = now;
    this.#live = stream.isTTY === true && environment["TERM"] !== "dumb";
    this.#colour = this.#live && !environment["NO_COLOR"];
  }

  /** Draws the bar, unless it was drawn less than 100 ms ago; an epoch's last state is always drawn. */
  update(state: ProgressState): void {
    if (!this.#live) return;
    const now = this.#now();
    if (now - this.#drawnAt < MILLISECONDS_PER_DRAW && state.done < state.total) return;
    this.#drawnAt = now;
    // One column less than there are: some terminals wrap as soon as the last one is written.
    const bar = progressBar({ ...state, columns: (this.#stream.columns || 80) - 1 });
    this.#stream.write(`${CLEAR_LINE}${this.#colour ? coloured(bar) : bar}`);
    this.#visible = true;
  }

  /** Clears the bar and prints a line of its own; the next update draws the bar below it. */
  line(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Clears the bar, if there is one. To be called when the run ends, however it ends. */
  clear(): void {
    if (this.#visible) this.#stream.write(CLEAR_LINE);
    this.#visible = false;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }
}

/** The filled part of the bar in cyan, what follows the bar dimmed. */
function coloured(bar: string): string {
  const parts = /^(.*▕)([█▏▎▍▌▋▊▉]*)( *▏ +\d+%)(.*)$/.exec(bar);
  const [, start = "", filled = "", percent = "", rest = ""] = parts ?? [];
  return parts === null ? bar : `${start}${paint("cyan", filled)}${percent}${paint("dim", rest)}`;
}

function paint(colour: keyof typeof COLOURS, text: string): string {
  const [on, off] = COLOURS[colour];
  return text === "" ? "" : `${on}${text}${off}`;
}
