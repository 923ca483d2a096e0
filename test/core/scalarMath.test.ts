import { suite } from "uvu";
import * as assert from "uvu/assert";
import { scalarMath as math } from "../support/scalarMath.ts";

const mathSuite = suite("scalarMath");

/** Each function with points across the range the library uses it on. */
const POINTS = {
  log1p: [-0.999999, -0.75, -0.5, -1e-3, -1e-17, 0, 1e-10, 0.3, 2, 1e6],
  sin: [0, 1e-9, 0.5, 1, Math.PI / 2, 2, Math.PI, 4, 5.5, 6.283185, 100],
  cos: [0, 1e-9, 0.5, 1, Math.PI / 2, 2, Math.PI, 4, 5.5, 6.283185, 100],
  exp: [-700, -20, -1, -1e-9, 0, 0.5, 1, 20, 700],
  log: [1e-300, 1e-9, 0.5, 0.999, 1, 1.001, 2, 10, 1e300],
} as const;

for (const [name, points] of Object.entries(POINTS) as [keyof typeof POINTS, readonly number[]][]) {
  mathSuite(`${name} agrees with the host's function to the last bits`, () => {
    for (const x of points) {
      const expected = Math[name](x);
      // Each of the two is within 1 ulp (at most 2^-52 relative) of the truth.
      assert.ok(Math.abs(math[name](x) - expected) <= 2 * 2 ** -52 * Math.abs(expected), `${name}(${x})`);
    }
  });
}

mathSuite("pow gives exact powers exactly", () => {
  assert.equal([math.pow(2, 10), math.pow(-3, 3), math.pow(4, 0.5), math.pow(0, 0)], [1024, -27, 2, 1]);
});

mathSuite("pow of Adam's beta agrees with repeated multiplication", () => {
  let product = 1;
  for (let i = 0; i < 1000; i++) product *= 0.999;
  // 1000 roundings of at most 2^-53 each.
  assert.ok(Math.abs(math.pow(0.999, 1000) / product - 1) <= 1001 * 2 ** -53);
});

mathSuite("keeps the limits of its functions", () => {
  assert.equal([math.log1p(-1), math.log(0), math.exp(Number.NEGATIVE_INFINITY)], [-Infinity, -Infinity, 0]);
  assert.ok([math.log(-1), math.log1p(-2), math.sin(Infinity), math.cos(Number.NaN)].every(Number.isNaN));
});

mathSuite.run();
