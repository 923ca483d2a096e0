import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DType } from "../../src/core/dtype.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { type FormatSuffix, formatTensor } from "../../src/core/format.ts";
import { fixedText, scientificText } from "../../src/core/formatNumber.ts";
import { readJson } from "../support/files.ts";

interface PrintCase {
  name: string;
  how: string;
  dtype: "float32" | "int64" | "int32" | "uint8" | "bool";
  shape: number[];
  values: (number | string)[] | null;
  text: string;
}

const numberOf = (value: number | string): number =>
  typeof value === "number" ? value : value === "nan" ? Number.NaN : value === "inf" ? Infinity : -Infinity;

/** The values of a case, or for the summarised matrix, which stores none, arange(3000).reshape(60, 50) / 7 in float32. */
function valuesOf(golden: PrintCase): number[] {
  if (golden.values !== null) return golden.values.map(numberOf);
  assert.is(golden.name, "summarised_mat");
  return Array.from({ length: 3000 }, (_, i) => Math.fround(i / 7));
}

/** Reads the suffix back from PyTorch's text, as a tensor would give it. */
function suffixOf(text: string): FormatSuffix {
  return { gradFn: /grad_fn=<(\w+)>/.exec(text)?.[1], requiresGrad: text.includes("requires_grad=True") };
}

const format = suite("format");
const float = (values: number[], shape: number[] = [values.length]): string => formatTensor(values, shape, "float32");

const { cases } = await readJson<{ cases: PrintCase[] }>("test/golden/print.json");
for (const golden of cases) {
  format(`prints what PyTorch prints: ${golden.name}`, () => {
    const dtype: DType = golden.dtype === "int64" ? "int32" : golden.dtype;
    const expected = golden.text.replace(", dtype=torch.int32", ""); // the default integer here goes unsaid
    assert.is(formatTensor(valuesOf(golden), golden.shape, dtype, suffixOf(golden.text)), expected);
  });
}

format("has all 37 cases of PyTorch", () => {
  assert.is(cases.length, 37);
});

// The texts below follow from torch/_tensor_str.py by hand, with Python's own number formatting.
format("keeps the sign of zero in whole, fixed and scientific form", () => {
  assert.is(float([-0]), "tensor([-0.])");
  assert.is(float([-0, 0.5]), "tensor([-0.0000, 0.5000])");
  assert.is(float([-0, 0.00001]), "tensor([-0.0000e+00, 1.0000e-05])");
  assert.is(float([-0], []), "tensor(-0.)");
});

format("keeps the sign of a value that rounds to zero", () => {
  assert.is(float([-0.0001, 0.05]), "tensor([-1.0000e-04,  5.0000e-02])"); // float32 0.0001 is under 1e-4, and 0.05/0.0001 under 1000
  assert.is(fixedText(-0.00004, 4), "-0.0000");
});

format("rounds ties to even where toFixed rounds them up", () => {
  assert.is(float([0.03125]), "tensor([0.0312])");
  assert.is(float([0.09375]), "tensor([0.0938])");
  assert.is(float([-0.03125]), "tensor([-0.0312])");
  assert.is(float([100002.5, 1000000000]), "tensor([1.0000e+05, 1.0000e+09])");
  assert.is(scientificText(10000.5, 4), "1.0000e+04");
  assert.is(scientificText(100025, 4), "1.0002e+05");
  assert.is(scientificText(100035, 4), "1.0004e+05");
  assert.is(fixedText(2.5, 0), "2");
  assert.is(fixedText(3.5, 0), "4");
});

format("carries into a longer number when rounding", () => {
  assert.is(fixedText(9.99996, 4), "10.0000");
  assert.is(scientificText(9.99996, 4), "1.0000e+01");
  assert.is(scientificText(9.9996, 4), "9.9996e+00");
  assert.is(scientificText(9.6, 4), "9.6000e+00");
  assert.is(scientificText(0.99999999, 4), "1.0000e+00");
});

format("writes the ends of float32 and float64 exactly", () => {
  assert.is(scientificText(2 ** -149, 4), "1.4013e-45");
  assert.is(scientificText(3.4028234663852886e38, 4), "3.4028e+38");
  assert.is(scientificText(Number.MIN_VALUE, 4), "4.9407e-324");
  assert.is(scientificText(Number.MAX_VALUE, 4), "1.7977e+308");
  assert.is(fixedText(2 ** 70, 0), "1180591620717411303424");
});

format("agrees with toFixed and toExponential off the ties", () => {
  let state = 1;
  for (let i = 0; i < 2000; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const x = ((state % 2000003) - 1000001) * 1.000001e-3 * 10 ** ((state >>> 8) % 5);
    assert.is(fixedText(x, 4), x.toFixed(4));
    assert.is(scientificText(x, 4), x.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2"), `state ${state}`);
  }
});

format("takes the scientific form over a ratio of 1000 and over 1e8", () => {
  assert.is(float([1, 1000]), "tensor([   1., 1000.])");
  assert.is(float([1, 1001]), "tensor([1.0000e+00, 1.0010e+03])");
  assert.is(float([1e8]), "tensor([100000000.])");
  assert.is(float([100000008]), "tensor([1.0000e+08])");
  assert.is(float([0.5, 500]), "tensor([  0.5000, 500.0000])");
});

format("measures no zero, nan or infinity", () => {
  assert.is(float([1, Infinity, Number.NaN]), "tensor([1., inf, nan])");
  assert.is(float([-Infinity, 0]), "tensor([-inf, 0.])");
  assert.is(float([0.5, -Infinity, -0]), "tensor([0.5000,   -inf, -0.0000])");
});

format("prints a scalar without brackets", () => {
  assert.is(formatTensor([-7], [], "int32"), "tensor(-7)");
  assert.is(formatTensor([1], [], "bool"), "tensor(True)");
  assert.is(formatTensor([200], [], "uint8"), "tensor(200, dtype=torch.uint8)");
  assert.is(formatTensor([Number.NaN], [], "float32"), "tensor(nan)");
});

format("prints the size of an empty tensor unless it has one dimension, and its dtype unless float32", () => {
  assert.is(formatTensor([], [2, 0, 3], "float32"), "tensor([], size=(2, 0, 3))");
  assert.is(formatTensor([], [0, 3], "float32"), "tensor([], size=(0, 3))");
  assert.is(formatTensor([], [0], "int32"), "tensor([], dtype=torch.int32)");
  assert.is(formatTensor([], [0, 2], "bool"), "tensor([], size=(0, 2), dtype=torch.bool)");
  assert.is(formatTensor([], [0], "float32", { gradFn: "MulBackward0" }), "tensor([], grad_fn=<MulBackward0>)");
});

format("shows grad_fn alone where both were given", () => {
  assert.is(
    formatTensor([1], [1], "float32", { gradFn: "AddBackward0", requiresGrad: true }),
    "tensor([1.], grad_fn=<AddBackward0>)",
  );
});

format("starts a line with a suffix that would cross 80 characters", () => {
  // PyTorch counts last line + 2 + suffix + 2: 54 + 2 + 22 + 2 is 80 and stays, 55 breaks.
  const row = "tensor([1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.]";
  const ones = new Array<number>(12).fill(1);
  const stays = `grad_fn=<${"F".repeat(80 - row.length - 2 - 2 - 10)}>`;
  const gradFn = stays.slice(9, -1);
  assert.is(formatTensor(ones, [12], "float32", { gradFn }), `${row}, ${stays})`);
  assert.is(formatTensor(ones, [12], "float32", { gradFn: `${gradFn}F` }), `${row},\n       grad_fn=<${gradFn}F>)`);
});

format("counts a suffix line's width anew from the indent", () => {
  const values = new Array<number>(17).fill(255);
  const row = `tensor([${values.join(", ").slice(0, 14 * 5 - 1)}\n        255, 255, 255]`;
  assert.is(formatTensor(values, [17], "uint8"), `${row}, dtype=torch.uint8)`);
});

format("summarises only above 1000 elements and only dimensions over 6", () => {
  const thousand = formatTensor(new Array<number>(1000).fill(0), [1000], "int32");
  assert.not.match(thousand, "...");
  const tall = formatTensor(
    Array.from({ length: 1002 }, (_, i) => i % 2),
    [501, 2],
    "bool",
  );
  const rows = new Array<string>(3).fill("        [False,  True]");
  assert.is(tall, `tensor([${[...rows, "        ...", ...rows].join(",\n").trimStart()}])`);
});

format("takes the width of a summary from the items it shows", () => {
  const values = new Array<number>(2000).fill(1);
  values[1000] = -123456;
  assert.is(formatTensor(values, [2000], "int32"), "tensor([1, 1, 1,  ..., 1, 1, 1])");
});

format("rounds what it gets to float32", () => {
  assert.is(float([0.0001]), "tensor([1.0000e-04])"); // 9.99999974737875e-05 as float32, so under 1e-4
});

format("refuses values that do not fill the shape", () => {
  assert.throws(
    () => formatTensor([1, 2, 3], [2, 2], "float32"),
    (error: unknown) => error instanceof ShapeError && error.message.includes("needs 4 values, got 3"),
  );
  assert.throws(
    () => formatTensor([], [-1], "float32"),
    (error: unknown) => error instanceof ShapeError,
  );
});

format.run();
