import { stripVTControlCharacters } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Progress, type ProgressState, progressBar } from "../../src/train/progress.ts";

const state: ProgressState = {
  epoch: 3,
  epochs: 10,
  done: 30_000,
  total: 60_000,
  imagesPerSecond: 41_234.5,
  loss: 0.8123,
};

/** A stream that keeps what is written to it. */
function terminal(isTTY = true, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

const progress = suite("progress");

progress("shows epoch, bar, share, speed and loss in one line", () => {
  // 80 columns leave 30 for the bar, which is the most; half of it is 15 full blocks.
  const bar = `▕${"█".repeat(15)}${" ".repeat(15)}▏`;
  assert.is(progressBar({ ...state, columns: 80 }), `Epoch  3/10 ${bar}  50%  41,235 images/s  loss 0.8123`);
});

progress("fills the bar by eighths of a character", () => {
  // Of 28 columns 10 are "Epoch 1/1 ", 5 the share, 2 the frame; the other 11 are 88 eighths, one for each of 88 parts.
  const bar = (done: number): string =>
    /▕(.*)▏ /.exec(progressBar({ epoch: 1, epochs: 1, done, total: 88, imagesPerSecond: 0, columns: 28 }))?.[1] ?? "";
  assert.is(bar(1), `▏${" ".repeat(10)}`);
  assert.is(bar(12), `█▌${" ".repeat(9)}`);
  assert.is(bar(87), `${"█".repeat(10)}▉`);
  assert.is(bar(88), "█".repeat(11));
});

progress("drops the loss, then the speed, on a narrow terminal", () => {
  assert.is(progressBar({ ...state, columns: 40 }), `Epoch  3/10 ▕${"█".repeat(10)}▌${" ".repeat(10)}▏  50%`);
  assert.match(progressBar({ ...state, columns: 50 }), /images\/s$/);
});

progress("is never wider than the terminal", () => {
  for (let columns = 0; columns <= 120; columns++) {
    const line = progressBar({ ...state, columns });
    assert.ok(line.length <= columns, `${columns}: ${line}`);
  }
});

progress("takes values that are out of range or not finite", () => {
  const bar = (change: Partial<ProgressState>): string => progressBar({ ...state, ...change, columns: 80 });
  assert.match(bar({ done: 70_000 }), /100%/);
  assert.match(bar({ done: -1 }), / 0%/);
  assert.match(bar({ total: 0 }), / 0%/);
  assert.match(bar({ loss: Number.NaN }), /loss NaN$/);
  assert.match(bar({ loss: 1.5e9 }), /loss 1.50e\+9$/);
  assert.not.match(bar({ imagesPerSecond: Number.POSITIVE_INFINITY }), "images");
});

progress("draws over its own line, at most ten times a second", () => {
  let time = 0;
  const stream = terminal();
  const bar = new Progress(stream, { now: () => time, environment: { NO_COLOR: "1" } });
  for (; time < 1000; time += 10) bar.update(state);
  assert.is(stream.written.length, 10);
  assert.is(stream.written[0], `\r\u001b[K${progressBar({ ...state, columns: 79 })}`);
});

progress("draws the last state of an epoch at once", () => {
  const stream = terminal();
  const bar = new Progress(stream, { now: () => 0, environment: {} });
  bar.update(state);
  bar.update({ ...state, done: 60_000 });
  assert.is(stream.written.length, 2);
  assert.match(stream.written[1] ?? "", "100%");
});

progress("clears the bar before a line is printed", () => {
  const stream = terminal();
  const bar = new Progress(stream, { now: () => 0, environment: {} });
  bar.line("before");
  bar.update(state);
  bar.line("after");
  bar.clear();
  assert.is(stream.written[0], "before\n");
  assert.equal(stream.written.slice(2), ["\r\u001b[K", "after\n"]);
});

progress("writes only lines where there is no terminal", () => {
  for (const [isTTY, environment] of [
    [false, {}],
    [true, { TERM: "dumb" }],
  ] as const) {
    const stream = terminal(isTTY);
    const bar = new Progress(stream, { now: () => 0, environment });
    bar.update(state);
    bar.line("Epoch[1/1]");
    bar.clear();
    assert.equal(stream.written, ["Epoch[1/1]\n"]);
  }
});

progress("colours the bar unless NO_COLOR is set, and the text is the same", () => {
  const draw = (environment: Record<string, string>): string => {
    const stream = terminal();
    new Progress(stream, { now: () => 0, environment }).update(state);
    return (stream.written[0] ?? "").replace("\r\u001b[K", "");
  };
  const plain = draw({ NO_COLOR: "1" });
  const coloured = draw({ NO_COLOR: "" });
  assert.is(stripVTControlCharacters(plain), plain);
  assert.is.not(coloured, plain);
  assert.is(stripVTControlCharacters(coloured), plain);
});

progress.run();
