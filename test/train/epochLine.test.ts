import { suite } from "uvu";
import * as assert from "uvu/assert";
import { epochLine } from "../../src/train/epochLine.ts";
import { fixed } from "../../src/train/fixed.ts";

const lines = suite("epochLine");

lines("is the notebook's line with its spelling mended", () => {
  const metrics = { trainLoss: 0.297181, trainAccuracy: 0.93165, valLoss: 0.2907649, valAccuracy: 0.9314 };
  assert.is(
    epochLine(1, 10, metrics),
    "Epoch[1/10] - Train loss: 0.29718 Train Accuracy: 0.93165 || Validation Loss: 0.29076 Validation Accuracy: 0.93140",
  );
});

lines("says nan and inf as Python does", () => {
  const metrics = { trainLoss: Number.NaN, trainAccuracy: 0, valLoss: Number.POSITIVE_INFINITY, valAccuracy: 1 };
  assert.is(
    epochLine(2, 2, metrics),
    "Epoch[2/2] - Train loss: nan Train Accuracy: 0.00000 || Validation Loss: inf Validation Accuracy: 1.00000",
  );
});

// Each right-hand side is what CPython's f"{value:.{digits}f}" prints.
for (const [value, digits, text] of [
  [0.015625, 5, "0.01562"],
  [0.046875, 5, "0.04688"],
  [-0.125, 2, "-0.12"],
  [0.285, 2, "0.28"],
  [1.005, 2, "1.00"],
  [2.5, 0, "2"],
  [0.5, 0, "0"],
  [1e-12, 5, "0.00000"],
  [Number.NEGATIVE_INFINITY, 2, "-inf"],
] as const) {
  lines(`rounds ${value} to ${digits} decimals as Python does`, () => assert.is(fixed(value, digits), text));
}

lines.run();
