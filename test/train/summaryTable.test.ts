import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type SummaryRow, type SummaryTotals, summaryTable } from "../../src/train/summaryTable.ts";
import { readBytes, readJson } from "../support/files.ts";

interface Golden {
  rows: { layer: string; type: string; output_shape: number[]; params: number }[];
  total_params: number;
  trainable_params: number;
  mult_adds: number;
  mult_adds_M: string;
  input_bytes: number;
  forward_backward_bytes: number;
  params_bytes: number;
  MB: { input: string; forward_backward: string; params: string; total: string };
}

const golden = await readJson<Golden>("test/golden/summary.json");
/** torchinfo's output as the notebook shows it, without the line break that ends the file. */
const notebook = new TextDecoder().decode(await readBytes("test/golden/summary.txt")).replace(/\n$/, "");

const totals: SummaryTotals = {
  totalParams: golden.total_params,
  trainableParams: golden.trainable_params,
  multAdds: golden.mult_adds,
  inputBytes: golden.input_bytes,
  forwardBackwardBytes: golden.forward_backward_bytes,
  paramsBytes: golden.params_bytes,
};

function row(typeName: string, depth: number, index: number, outputShape: number[], params = 0): SummaryRow {
  return { typeName, depth, index, outputShape, params, ownParams: params, trainableParams: params, leaf: true };
}

/** A module that holds others and has `params` in them, none of its own. */
function container(typeName: string, depth: number, index: number, outputShape: number[], params: number): SummaryRow {
  return { ...row(typeName, depth, index, outputShape, params), ownParams: 0, leaf: false };
}

/** The rows of the notebook's model: four blocks of Linear, ReLU, Dropout, then Linear, Dropout. */
function notebookRows(): SummaryRow[] {
  const rows = [container("DropoutModel", 0, 0, [200, 10], golden.total_params)];
  let index = 1;
  golden.rows.forEach(({ output_shape, params }, block) => {
    rows.push(container("Sequential", 1, block + 1, output_shape, params));
    rows.push(row("Linear", 2, index++, output_shape, params));
    if (block < 4) rows.push(row("ReLU", 2, index++, output_shape));
    rows.push(row("Dropout", 2, index++, output_shape));
  });
  return rows;
}

/** The line of the table that holds `text`. */
function lineWith(text: string, table: string): string {
  return table.split("\n").find((line) => line.includes(text)) ?? `no line with ${text}`;
}

const tables = suite("summaryTable");

tables("gives the notebook's text byte for byte", () => {
  assert.is(summaryTable(notebookRows(), totals), notebook);
});

tables("gives the golden's totals in their units", () => {
  const table = summaryTable([], totals);
  assert.is(lineWith("mult-adds", table), `Total mult-adds (M): ${golden.mult_adds_M}`);
  assert.is(lineWith("Input size", table), `Input size (MB): ${golden.MB.input}`);
  assert.is(lineWith("Forward", table), `Forward/backward pass size (MB): ${golden.MB.forward_backward}`);
  assert.is(lineWith("Params size", table), `Params size (MB): ${golden.MB.params}`);
  assert.is(lineWith("Estimated", table), `Estimated Total Size (MB): ${golden.MB.total}`);
});

tables("puts the number of a frozen leaf in parentheses and counts it as not trainable", () => {
  const frozen = { ...row("Linear", 1, 1, [1, 4], 1500), trainableParams: 0 };
  const table = summaryTable([frozen], { ...totals, totalParams: 1500, trainableParams: 0 });
  assert.match(lineWith("Linear", table), /\[1, 4\] {20}\(1,500\)$/);
  assert.is(lineWith("Non-trainable", table), "Non-trainable params: 1,500");
});

tables("calls a module that is called again recursive, unless it has no parameters", () => {
  const again = { ...row("Linear", 1, 2, [1, 4], 20), recursive: true };
  const relu = { ...row("ReLU", 1, 3, [1, 4]), recursive: true };
  const table = summaryTable([row("Linear", 1, 1, [1, 4], 20), again, relu], totals);
  assert.match(lineWith("1-2", table), /\(recursive\)$/);
  assert.match(lineWith("1-3", table), / --$/);
});

tables("shows what a module holds beside its children", () => {
  // torchinfo's own test `nested_leftover_params`: 8 parameters, 2 of them at the root.
  const root = { ...container("InsideModel", 0, 0, [100, 2], 8), ownParams: 2 };
  assert.is(
    lineWith("InsideModel", summaryTable([root], totals)),
    `InsideModel${" ".repeat(30)}[100, 2]${" ".repeat(18)}2`,
  );
});

tables("leaves out what lies deeper than three levels and counts it in its parent", () => {
  const rows = [container("Block", 3, 1, [1, 4], 8448), row("Conv2d", 4, 1, [1, 4], 8448)];
  const table = summaryTable(rows, totals);
  assert.match(lineWith("Block", table), /^│ {4}│ {4}└─Block: 3-1 .* 8,448$/);
  assert.not.match(table, "Conv2d");
});

tables("widens the first column in steps of five for a long name", () => {
  // 36 letters + ": 1-1" + one level of 5 + 1 = 47, so the column has 50.
  const name = "A".repeat(36);
  const lines = summaryTable([row(name, 1, 1, [2], 3)], totals).split("\n");
  assert.is(lines[0], "=".repeat(100));
  assert.is(lines[3], `├─${name}: 1-1        [2]                       3`);
});

tables("shows no shape for a scalar", () => {
  assert.match(lineWith("Loss", summaryTable([row("Loss", 1, 1, [])], totals)), /Loss: 1-1 +-- +--$/);
});

for (const [multAdds, text] of [
  [0, "(M): 0"],
  [63, "(M): 0.00"],
  [50_000_000, "(M): 50"],
  [999_999_999, "(M): 1,000.00"],
  [10_048_000_000, "(G): 10.05"],
  [3_060_000_000_000, "(T): 3.06"],
  [1_234_567_000_000_000, "(T): 1,234.57"],
] as const) {
  tables(`writes ${multAdds} mult-adds as torchinfo does`, () => {
    assert.is(lineWith("mult-adds", summaryTable([], { ...totals, multAdds })), `Total mult-adds ${text}`);
  });
}

tables("rounds a tie to the even digit, as Python does", () => {
  // 0.125 and 0.375 are exact in binary: f"{0.125:.2f}" is 0.12 and f"{0.375:.2f}" is 0.38.
  const table = summaryTable([], { ...totals, inputBytes: 125_000, paramsBytes: 375_000 });
  assert.is(lineWith("Input size", table), "Input size (MB): 0.12");
  assert.is(lineWith("Params size", table), "Params size (MB): 0.38");
});

tables("refuses a depth that is no whole number", () => {
  assert.throws(() => summaryTable([], totals, 1.5), /maxDepth must be a whole number of at least 0, got 1.5/);
});

tables.run();
