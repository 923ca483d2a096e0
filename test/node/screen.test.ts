import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nearest } from "../../src/cli/nearest.ts";
import { narrowTable } from "../../src/cli/narrowTable.ts";
import { printable, screenOf, wrap } from "../../src/cli/screen.ts";

const screen = suite("screen");

const coloured = (isTTY: boolean, environment: Record<string, string>): boolean =>
  screenOf({ isTTY, columns: 80 }, environment).paint("red", "x") !== "x";

screen("colours are for terminals; NO_COLOR and TERM=dumb refuse them, FORCE_COLOR asks for them", () => {
  assert.is(coloured(true, {}), true);
  assert.is(coloured(false, {}), false);
  assert.is(coloured(true, { NO_COLOR: "1" }), false);
  assert.is(coloured(true, { NO_COLOR: "" }), true, "an empty NO_COLOR says nothing");
  assert.is(coloured(true, { TERM: "dumb" }), false);
  assert.is(coloured(false, { FORCE_COLOR: "1" }), true);
  assert.is(coloured(true, { FORCE_COLOR: "0" }), false);
  assert.is(coloured(false, { FORCE_COLOR: "1", NO_COLOR: "1" }), false);
});

screen("widths are those of the terminal from 40 to 100, and 80 elsewhere", () => {
  const columns = (isTTY: boolean, width?: number) =>
    screenOf({ isTTY, ...(width !== undefined && { columns: width }) }, {}).columns;
  assert.equal([columns(true, 20), columns(true, 66), columns(true, 300)], [40, 66, 100]);
  assert.equal([columns(true), columns(true, 0), columns(false, 50)], [80, 80, 80]);
});

screen("wrapping breaks at spaces, loses nothing and leaves long words whole", () => {
  assert.equal(wrap("one two three", 7), ["one two", "three"]);
  assert.equal(wrap("a incomprehensible b", 6), ["a", "incomprehensible", "b"]);
  assert.equal(wrap("", 5), [""]);
});

screen("text from a file cannot steer a terminal", () => {
  assert.is(printable("\u001b[31mred\u0007\n\u009b"), "\\u001b[31mred\\u0007\\u000a\\u009b");
  assert.is(printable("\u202egnp.exe"), "\\u202egnp.exe");
  assert.is(printable("schön/ß → 数字"), "schön/ß → 数字");
});

screen("a suggestion is near; what is far from everything gets none", () => {
  const names = ["epochs", "early-stopping", "batch-size", "dropout", "data", "device", "lr"];
  for (const [typed, meant] of [
    ["--epoch", "epochs"],
    ["earlystopping", "early-stopping"],
    ["batch_size", "batch-size"],
    ["--DROPOUT", "dropout"],
    ["devcie", "device"],
    ["dta", "data"],
    ["verbose", undefined],
    ["--", undefined],
  ] as const)
    assert.is(nearest(typed, names), meant, typed);
});

screen("torchinfo's table fits a narrow terminal and stays as it is elsewhere", () => {
  const table = readFileSync("test/golden/summary.txt", "utf8").trimEnd();
  const on = (columns: number, isTTY = true) => narrowTable(table, screenOf({ isTTY, columns }, {}));
  assert.is(on(100), table);
  assert.is(on(50, false), table);
  const words = (text: string) => text.replace(/=+/g, "=").replace(/ +/g, " ");
  for (const columns of [50, 60, 80]) {
    assert.ok(
      on(columns)
        .split("\n")
        .every((line) => [...line].length <= columns),
      String(columns),
    );
    assert.is(words(on(columns)), words(table));
  }
  assert.ok(
    on(40)
      .split("\n")
      .every((line) => [...line].length <= 40),
  );
  assert.match(on(40), /Total params: 317,450/);
});

screen.run();
