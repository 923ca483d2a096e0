// Operations, their float64 references, and how far a float32 result may lie from them.
import * as F from "../../../src/functional.ts";
import type { Tensor } from "../../../src/tensor.ts";
import type { Input, Random } from "./random.ts";

interface Expected {
  readonly value: number;
  /** The largest error that is allowed. */
  readonly allowed: number;
}

export interface Drawn {
  readonly inputs: readonly Input[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly reference: (...inputs: Float32Array[]) => Expected[];
}

export interface Case {
  readonly name: string;
  readonly draw: (random: Random) => Drawn;
}

type Allowed = (y: number, ...x: number[]) => number;

/** Half of float32's last place, as a share: what one rounding costs. */
const ROUNDING = 2 ** -24;
const LEAST_ULP = 2 ** -149;
const ulp = (y: number): number =>
  y === 0 ? LEAST_ULP : Math.max(2 ** (Math.floor(Math.log2(Math.abs(y))) - 23), LEAST_ULP);
const ulps =
  (n: number): Allowed =>
  (y) =>
    n * ulp(y);
const exact: Allowed = () => 0;
const relative =
  (share: number): Allowed =>
  (y) =>
    share * Math.abs(y);

/** What WGSL allows: https://www.w3.org/TR/WGSL/#floating-point-accuracy, errors of the parts added up. */
const wgsl = {
  div: ulps(2.5),
  sqrt: ulps(4), // 1 / inverseSqrt: 2 ULP and a division
  exp: ((y, x = 0) => (3 + 2 * Math.abs(x)) * ulp(y)) as Allowed,
  log: ((y, x = 0) => (x >= 0.5 && x <= 2 ? 2 ** -21 : 3 * ulp(y))) as Allowed,
  sigmoid: ((y, x = 0) => (10 + 2 * Math.abs(x)) * ulp(y)) as Allowed,
  tanh: (() => 1e-5) as Allowed,
  pow: ((y, x = 0, power = 0) => {
    const t = Math.abs(power * Math.log2(x));
    return (5 + 3 * t + 4 * Math.abs(power)) * ulp(y);
  }) as Allowed,
};

type Range = readonly [low: number, high: number];

const unary = (run: (x: Tensor) => Tensor, f: (x: number) => number, range: Range, allowed: Allowed): Case => ({
  name: run.name,
  draw: (random) => ({
    inputs: [random.input(random.shape(random.below(5)), ...range)],
    run: (x) => run(x as Tensor),
    reference: (x = new Float32Array()) =>
      Array.from(x, (each) => {
        const value = f(each);
        return { value, allowed: allowed(value, each) };
      }),
  }),
});

/** The right operand has the same shape, or only its last dimensions. */
const binary = (
  run: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => number,
  range: Range,
  allowed: Allowed,
): Case => ({
  name: run.name,
  draw: (random) => {
    const shape = random.shape(random.below(5));
    const right = shape.slice(random.below(shape.length + 1));
    return {
      inputs: [random.input(shape, ...range), random.input(right, ...range)],
      run: (a, b) => run(a as Tensor, b as Tensor),
      reference: (a = new Float32Array(), b = new Float32Array()) =>
        Array.from(a, (each, i) => {
          const other = b[i % b.length] as number;
          const value = f(each, other);
          return { value, allowed: allowed(value, each, other) };
        }),
    };
  },
});

/** A function of each row of a matrix, along its last dimension. */
type Along = (x: Tensor, dim: number) => Tensor;
const rows = (run: Along, f: (row: readonly number[]) => number[], allowed: Allowed): Case => ({
  name: run.name,
  draw: (random) => {
    const shape = random.shape(1 + random.below(3));
    const cols = shape.at(-1) as number;
    return {
      inputs: [random.input(shape, -4, 4)],
      run: (x) => run(x as Tensor, -1),
      reference: (x = new Float32Array()) =>
        Array.from({ length: x.length / cols }, (_, row) => f(Array.from(x.subarray(row * cols, (row + 1) * cols))))
          .flat()
          .map((value) => ({ value, allowed: allowed(value) })),
    };
  },
});

const exps = (row: readonly number[]): number => row.reduce((sum, x) => sum + Math.exp(x), 0);

/** n roundings of sums of at most Σ|x|: the bound of any order of summation (Higham, Accuracy and Stability, section 4.2). */
const reduction = (run: (x: Tensor) => Tensor): Case => ({
  name: run.name,
  draw: (random) => ({
    inputs: [random.input(random.shape(random.below(4)), -2, 2)],
    run: (x) => run(x as Tensor),
    reference: (x = new Float32Array()) => {
      const n = run === F.mean ? x.length : 1;
      const sum = x.reduce((total, each) => total + each, 0);
      const size = x.reduce((total, each) => total + Math.abs(each), 0);
      return [{ value: sum / n, allowed: ((x.length + 2) * ROUNDING * size) / n }];
    },
  }),
});

const product = (run: (a: Tensor, b: Tensor) => Tensor): Case => ({
  name: run.name,
  draw: (random) => {
    const [m, k, n] = [random.size(), random.size() * random.pick([1, 1, 1, 9]), random.size()];
    const right = run === F.matmul ? [k, n] : [n, k];
    return {
      inputs: [random.input([m, k], -2, 2), random.input(right, -2, 2)],
      run: (a, b) => run(a as Tensor, b as Tensor),
      reference: (a = new Float32Array(), b = new Float32Array()) =>
        Array.from({ length: m * n }, (_, at) => {
          const [row, col] = [Math.floor(at / n), at % n];
          let [value, size] = [0, 0];
          for (let i = 0; i < k; i++) {
            const term = (a[row * k + i] as number) * (b[run === F.matmul ? i * n + col : col * k + i] as number);
            value += term;
            size += Math.abs(term);
          }
          return { value, allowed: (k + 1) * ROUNDING * size };
        }),
    };
  },
});

/** Every operation with what is allowed on a device: on the CPU one rounding, or 1e-6 of the value; else WGSL's intervals. */
export function casesFor(device: "cpu" | "webgpu"): Case[] {
  const gpu = device === "webgpu";
  const onCpu = relative(1e-6);
  return [
    unary(F.relu, (x) => Math.max(x, 0), [-4, 4], exact),
    unary(F.neg, (x) => -x, [-4, 4], exact),
    unary(F.sqrt, Math.sqrt, [0.001, 100], gpu ? wgsl.sqrt : ulps(0.5)),
    unary(F.exp, Math.exp, [-10, 10], gpu ? wgsl.exp : onCpu),
    unary(F.log, Math.log, [0.001, 100], gpu ? wgsl.log : onCpu),
    unary(F.sigmoid, (x) => 1 / (1 + Math.exp(-x)), [-10, 10], gpu ? wgsl.sigmoid : onCpu),
    unary(F.tanh, Math.tanh, [-10, 10], gpu ? wgsl.tanh : onCpu),
    binary(F.add, (a, b) => a + b, [-4, 4], ulps(0.5)),
    binary(F.sub, (a, b) => a - b, [-4, 4], ulps(0.5)),
    binary(F.mul, (a, b) => a * b, [-4, 4], ulps(0.5)),
    binary(F.div, (a, b) => a / b, [0.5, 4], gpu ? wgsl.div : ulps(0.5)),
    binary(F.pow, (a, b) => a ** b, [0.5, 4], gpu ? wgsl.pow : onCpu),
    rows(F.softmax, (row) => row.map((x) => Math.exp(x) / exps(row)), gpu ? relative(1e-5) : onCpu),
    rows(
      F.logSoftmax,
      (row) => row.map((x) => x - Math.log(exps(row))),
      (y) => 1e-6 * Math.max(1, Math.abs(y)),
    ),
    reduction(F.sum),
    reduction(F.mean),
    product(F.matmul),
    product(F.linear),
  ];
}
