import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "../support/kernels.ts";
import { close, floatsOf, type Layout, mapRows, noise, room, rowOf } from "../support/layouts.ts";

const loss = suite("cross entropy and NLL kernels");

type Floats = Float32Array<ArrayBuffer>;

interface Problem {
  layout: Layout; // outer, classes, inner
  x: Floats;
  target: Int32Array<ArrayBuffer>;
  weight?: Floats;
  smoothing?: number;
  ignoreIndex?: number;
}

const IGNORE = -100;
const LAYOUTS: Layout[] = [
  ...[1, 2, 3, 4, 5, 10, 17, 65, 1000].map((classes): Layout => [3, classes, 1]),
  ...[2, 3, 4, 5, 8, 11].map((inner): Layout => [2, 5, inner]),
  [1, 1, 6],
];

const sum = (row: number[]) => row.reduce((total, value) => total + value, 0);
const rowsOf = ({ layout }: Problem) => layout[0] * layout[2];

function logSoftmaxRow(row: number[]): number[] {
  const largest = Math.max(...row);
  const log = Math.log(sum(row.map((value) => Math.exp(value - largest))));
  return row.map((value) => value - largest - log);
}

/** -Σ_k q_k log p_k, in float64; what PyTorch documents for weight, label_smoothing and ignore_index. */
function crossEntropyRow(problem: Problem, row: number[], t: number): number {
  if (t === (problem.ignoreIndex ?? IGNORE)) return 0;
  const e = Math.fround(problem.smoothing ?? 0);
  const q = row.map((_, k) => ((k === t ? 1 - e : 0) + e / row.length) * (problem.weight?.[k] ?? 1));
  return -sum(logSoftmaxRow(row).map((value, k) => (q[k] === 0 ? 0 : q[k]! * value)));
}

const nllRow = (problem: Problem, row: number[], t: number) =>
  t === (problem.ignoreIndex ?? IGNORE) ? 0 : -(problem.weight?.[t] ?? 1) * row[t]!;

/** A problem with a target for every row, every fourth ignored. */
function problem(layout: Layout, weighted: boolean, smoothing = 0): Problem {
  const [outer, classes, inner] = layout;
  const target = Int32Array.from({ length: outer * inner }, (_, r) => (r % 4 === 3 ? IGNORE : (r * 7 + 3) % classes));
  const x = noise(outer * classes * inner, classes + inner, 3);
  const weight = noise(classes, 40).map((value) => Math.abs(value) + 0.1);
  return { layout, x, target, smoothing, ...(weighted ? { weight } : {}) };
}

interface Losses {
  losses: Floats;
  logSum: Floats;
  picked: Floats;
  fault: number[];
  /** What the backward kernel needs, as addresses. */
  addresses: { x: number; target: number; weight: number; logSum: number; loss: number; picked: number };
}

/** Without weights the kernels get an array of NaN, so that reading it shows. */
function forward(problem: Problem, nll = false): Losses {
  reset();
  const n = rowsOf(problem);
  const [outer, classes, inner] = problem.layout;
  const [x, target] = [put(problem.x), put(problem.target)];
  const weight = put(problem.weight ?? new Float32Array(classes).fill(NaN));
  const [lossAt, logSum, picked, fault] = [room(n), room(n), room(n), put(new Int32Array(3))];
  const ignore = problem.ignoreIndex ?? IGNORE;
  const weighted = problem.weight ? 1 : 0;
  if (nll) kernels["nllLoss"]!(x, target, weight, lossAt, picked, fault, outer, classes, inner, ignore, weighted);
  else {
    const sizes = [outer, classes, inner, ignore, problem.smoothing ?? 0, weighted];
    kernels["crossEntropy"]!(x, target, weight, lossAt, logSum, picked, fault, ...sizes);
  }
  return {
    losses: floatsOf(lossAt, n),
    logSum: floatsOf(logSum, n),
    picked: floatsOf(picked, n),
    fault: Array.from(take(Int32Array, fault, 3)),
    addresses: { x, target, weight, logSum, loss: lossAt, picked },
  };
}

/** The gradient for the upstream gradient `dy` (one number per row, or one for all) times `scale`. */
function backward(problem: Problem, dy: Floats, scale: number, nll = false, inPlace = false): Floats {
  const { x, target, weight, logSum } = forward(problem, nll).addresses;
  const [outer, classes, inner] = problem.layout;
  const dx = inPlace ? x : room(problem.x.length);
  const [scaleAt, dyAt] = [put(Float32Array.of(NaN, scale)), put(dy)];
  const weighted = problem.weight ? 1 : 0;
  const ignore = problem.ignoreIndex ?? IGNORE;
  const step = dy.length > 1 ? 1 : 0;
  if (nll) {
    const sizes = [outer, classes, inner, ignore, weighted, step];
    kernels["nllLossBackward"]!(target, weight, scaleAt, dyAt, dx, ...sizes);
  } else {
    const sizes = [outer, classes, inner, ignore, problem.smoothing ?? 0, weighted, step];
    kernels["crossEntropyBackward"]!(x, target, weight, logSum, scaleAt, dyAt, dx, ...sizes);
  }
  return inPlace ? take(Float32Array, dx, problem.x.length) : floatsOf(dx, problem.x.length);
}

/** Central differences of the float64 loss: h = 1e-5 leaves an error of about 1e-10. */
function differences(problem: Problem, dy: Floats, scale: number, row: typeof crossEntropyRow): Floats {
  return mapRows(problem.layout, (r) => {
    const values = rowOf(problem.x, problem.layout, r);
    const g = dy[dy.length > 1 ? r : 0]! * scale;
    return values.map((value, k) => {
      const at = (step: number) => row(problem, values.with(k, value + step), problem.target[r]!);
      return (g * (at(1e-5) - at(-1e-5))) / 2e-5;
    });
  });
}

const KINDS: [string, boolean, (problem: Problem, row: number[], t: number) => number, number[]][] = [
  ["crossEntropy", false, crossEntropyRow, [0, 0.1, 1]],
  ["nllLoss", true, nllRow, [0]],
];

for (const [name, nll, reference, smoothings] of KINDS) {
  for (const weighted of [false, true]) {
    loss(`${name} ${weighted ? "with" : "without"} weights agrees with float64 in every layout`, () => {
      for (const layout of LAYOUTS) {
        for (const smoothing of smoothings) {
          const task = problem(layout, weighted, smoothing);
          const rows = Array.from(task.target, (_, r) => rowOf(task.x, layout, r));
          const { losses, logSum, picked, fault } = forward(task, nll);
          // 3e-6: an exponential, a logarithm and a few roundings of values up to 20.
          close(
            losses,
            rows.map((row, r) => reference(task, row, task.target[r]!)),
            3e-6,
            `${name} ${layout}`,
          );
          const weights = Array.from(task.target, (t) => (t === IGNORE ? 0 : (task.weight?.[t] ?? 1)));
          assert.equal(Array.from(picked), weights);
          assert.equal(fault, [0, 0, 0]);
          if (!nll)
            close(
              logSum,
              rows.map((row) => row[0]! - logSoftmaxRow(row)[0]!),
              3e-6,
              `logSum ${layout}`,
            );
        }
      }
    });

    loss(`${name}Backward ${weighted ? "with" : "without"} weights agrees with central differences`, () => {
      for (const layout of LAYOUTS.filter(([, classes]) => classes < 100)) {
        for (const smoothing of smoothings) {
          const task = problem(layout, weighted, smoothing);
          for (const dy of [noise(rowsOf(task), 8), Float32Array.of(-1.5)]) {
            const expected = differences(task, dy, 0.25, reference);
            close(backward(task, dy, 0.25, nll), expected, 3e-6, `${name}Backward ${layout} ${smoothing}`);
          }
        }
      }
    });
  }

  loss(`${name}: rows that are ignored count nothing and get zeros, whatever comes from above`, () => {
    for (const layout of [
      [4, 5, 1],
      [1, 5, 6],
    ] as Layout[]) {
      const task = { ...problem(layout, true), ignoreIndex: 2 };
      task.target.fill(2);
      const { losses, picked, fault, addresses } = forward(task, nll);
      assert.ok(losses.every((value) => value === 0) && picked.every((value) => value === 0));
      assert.equal(fault, [0, 0, 0]);
      const out = room(2);
      kernels["reduceLoss"]!(addresses.loss, addresses.picked, out, rowsOf(task), 1);
      assert.equal(Array.from(floatsOf(out, 2)), [NaN, Infinity]);
      for (const dy of [NaN, Infinity]) assert.ok(backward(task, Float32Array.of(dy), dy, nll).every((v) => v === 0));
    }
  });

  loss(`${name} reports a target that is no class and gives it no gradient`, () => {
    for (const layout of [
      [6, 5, 1],
      [1, 5, 6],
    ] as Layout[]) {
      for (const wrong of [5, -1, 2 ** 31 - 1, -(2 ** 31)]) {
        const task = problem(layout, true);
        task.target[1] = wrong;
        const { losses, picked, fault } = forward(task, nll);
        assert.equal([losses[1], picked[1]], [NaN, NaN]);
        assert.ok(Number.isFinite(losses[0]) && Number.isFinite(losses[2]));
        assert.equal(fault, [1, wrong, 5]);
        const dx = backward(task, Float32Array.of(1), 1, nll);
        assert.ok(rowOf(dx, layout, 1).every((value) => value === 0));
        assert.ok(rowOf(dx, layout, 0).some((value) => value !== 0));
      }
    }
  });

  loss(`${name} gives equal rows equal bits wherever they lie`, () => {
    for (const smoothing of smoothings) {
      const values = Array.from(noise(10, 5, 6));
      for (const layout of [
        [7, 10, 1],
        [1, 10, 7],
      ] as Layout[]) {
        const x = mapRows(layout, () => values);
        const task = { ...problem(layout, true, smoothing), x, target: new Int32Array(7).fill(6) };
        const { losses } = forward(task, nll);
        const dx = backward(task, Float32Array.of(0.3), 0.7, nll);
        for (let r = 1; r < 7; r++) {
          assert.is(losses[r], losses[0]);
          assert.equal(rowOf(dx, layout, r), rowOf(dx, layout, 0));
        }
      }
    }
  });

  loss(`${name} of no rows writes nothing`, () => {
    const task = { layout: [0, 5, 1] as Layout, x: new Float32Array(0), target: new Int32Array(0) };
    assert.is(forward(task, nll).losses.length, 0);
    assert.is(backward(task, Float32Array.of(1), 1, nll).length, 0);
  });
}

loss("crossEntropy keeps its digits where the logits are huge", () => {
  for (const layout of [
    [2, 4, 1],
    [1, 4, 5],
  ] as Layout[]) {
    const x = mapRows(layout, () => [10000, 10001, 9999, 10001.5]);
    const task = { layout, x, target: new Int32Array(layout[0] * layout[2]) };
    const expected = Array.from(task.target, () => crossEntropyRow(task, [10000, 10001, 9999, 10001.5], 0));
    close(forward(task).losses, expected, 3e-6, "crossEntropy");
  }
});

loss("crossEntropy makes rows with NaN or +inf NaN, and an impossible target's loss infinite", () => {
  const rows = [
    [0, NaN, 1],
    [0, Infinity, 1],
    [-Infinity, 0, 1],
    [0, 1, 2],
  ];
  for (const layout of [
    [4, 3, 1],
    [1, 3, 4],
  ] as Layout[]) {
    const task = { layout, x: mapRows(layout, (r) => rows[r]!), target: new Int32Array(4) };
    const { losses } = forward(task);
    assert.equal(Array.from(losses.subarray(0, 3)), [NaN, NaN, Infinity]);
    close([losses[3]!], [crossEntropyRow(task, rows[3]!, 0)], 3e-6, "the last row");
  }
});

loss("crossEntropyBackward may overwrite the logits", () => {
  for (const layout of [
    [3, 10, 1],
    [2, 5, 7],
  ] as Layout[]) {
    const task = problem(layout, true, 0.1);
    const dy = noise(rowsOf(task), 3);
    assert.equal(backward(task, dy, 0.5, false, true), backward(task, dy, 0.5));
  }
});

loss("reduceLoss sums, or divides by the weight that was picked, and leaves the factor of the gradients", () => {
  for (const n of [1, 3, 4, 5, 65, 1000]) {
    reset();
    const [losses, picked] = [noise(n, 1, 5), noise(n, 2).map(Math.abs)];
    const [lossAt, pickedAt, out] = [put(losses), put(picked), room(2)];
    kernels["reduceLoss"]!(lossAt, pickedAt, out, n, 0);
    close(floatsOf(out, 2), [sum(Array.from(losses)), 1], 6e-8, `sum of ${n}`); // 6e-8: one rounding of a float64 sum
    kernels["reduceLoss"]!(lossAt, pickedAt, out, n, 1);
    const count = sum(Array.from(picked));
    close(floatsOf(out, 2), [sum(Array.from(losses)) / count, 1 / count], 6e-8, `mean of ${n}`);
  }
  reset();
  const out = room(2);
  kernels["reduceLoss"]!(out, out, out, 0, 0);
  assert.equal(Array.from(floatsOf(out, 2)), [0, 1]);
});

loss.run();
