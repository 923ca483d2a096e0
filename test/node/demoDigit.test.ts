import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Image, type Point, type Stroke, toImage } from "../../examples/browser/digit.ts";

const digit = suite("a drawing as MNIST would have it");

const p = (x: number, y: number): Point => ({ x, y });
const SEVEN: readonly Stroke[] = [[p(0.2, 0.1), p(0.8, 0.1), p(0.4, 0.9)]];
const moved = (strokes: readonly Stroke[], scale: number, dx: number, dy: number): Stroke[] =>
  strokes.map((stroke) => stroke.map(({ x, y }) => p(x * scale + dx, y * scale + dy)));

/** Rows and columns that have ink, and the centre of mass, pixel 0 being at 0.5. */
function measure(image: Image) {
  let [x, y, mass] = [0, 0, 0];
  const [columns, rows] = [new Set<number>(), new Set<number>()];
  image.forEach((value, i) => {
    if (value <= 0.05) return;
    columns.add(i % 28);
    rows.add(Math.floor(i / 28));
    x += value * ((i % 28) + 0.5);
    y += value * (Math.floor(i / 28) + 0.5);
    mass += value;
  });
  return { width: columns.size, height: rows.size, x: x / mass, y: y / mass };
}

digit("the longer side takes 20 pixels and the centre of mass lies in the middle, as in MNIST", () => {
  const { height, width, x, y } = measure(toImage(SEVEN));
  assert.ok(height >= 20 && height <= 22, `${height}`); // and the pen's soft edge
  assert.ok(width < height);
  // 0.5: MNIST itself moves its digits by whole pixels.
  assert.ok(Math.abs(x - 14.5) < 0.5 && Math.abs(y - 14.5) < 0.5, `${x} ${y}`);
  const lying = measure(toImage([[p(0.1, 0.5), p(0.9, 0.52)]]));
  assert.ok(lying.width >= 20 && lying.width <= 22 && lying.height <= 5);
});

digit("where and how large a digit is drawn makes no difference", () => {
  const whole = toImage(SEVEN);
  for (const [scale, dx, dy] of [
    [0.3, 0, 0],
    [0.3, 0.7, 0.65],
    [0.5, 0.2, 0.4],
  ] as const) {
    const image = toImage(moved(SEVEN, scale, dx, dy));
    assert.ok(image.every((value, i) => Math.abs(value - (whole[i] as number)) < 1e-4));
  }
});

digit("ink lies between 0 and 1 and none is cut off, however lopsided the drawing", () => {
  const heavy = Array.from({ length: 40 }, (_, i) => p(0.9 + 0.001 * (i % 2), 0.5 + 0.01 * (i % 3)));
  for (const strokes of [SEVEN, [heavy, [p(0, 0.5), p(0.9, 0.5)]], [[p(0, 0), p(1, 1)], heavy]]) {
    const image = toImage(strokes);
    assert.ok(image.every((value) => value >= 0 && value <= 1));
    assert.ok(image.some((value) => value === 1));
    const { width, height } = measure(image);
    assert.ok(Math.max(width, height) >= 20, `${width} x ${height}`);
  }
});

digit("a tap is a dot and not a disc; nothing is nothing", () => {
  const { width, height } = measure(toImage([[p(0.3, 0.7)]]));
  assert.ok(width >= 2 && width <= 4 && height >= 2 && height <= 4, `${width} x ${height}`);
  assert.equal(toImage([]), new Float32Array(784));
  assert.equal(toImage([[]]), new Float32Array(784));
});

digit.run();
