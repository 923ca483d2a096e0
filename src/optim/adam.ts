import { type NdArray, run } from "../array.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byElement } from "../core/split.ts";
import { numelOf } from "../core/shape.ts";
import { checkNonNegative } from "./checks.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import type { ParamState } from "./state.ts";

export const adamKernel: Kernel = kernel("adam", {
  reads: ["g"],
  writes: ["p", "m", "v"],
  params: {
    n: "u32",
    beta1: "f32",
    beta2: "f32",
    oneMinusBeta1: "f32",
    oneMinusBeta2: "f32",
    stepSize: "f32",
    sqrtBias2: "f32",
    eps: "f32",
    weightDecay: "f32",
    maximize: "u32",
  },
  split: byElement(() => [4, 4, 4, 4]),
});
export const adamAmsgradKernel: Kernel = kernel("adamAmsgrad", {
  reads: ["g"],
  writes: ["p", "m", "v", "vmax"],
  params: {
    n: "u32",
    beta1: "f32",
    beta2: "f32",
    oneMinusBeta1: "f32",
    oneMinusBeta2: "f32",
    stepSize: "f32",
    sqrtBias2: "f32",
    eps: "f32",
    weightDecay: "f32",
    maximize: "u32",
  },
  split: byElement(() => [4, 4, 4, 4, 4]),
});

/** Options of `Adam`, for all parameters or for a group. */
export interface AdamOptions {
  /** Learning rate α, ≥ 0; 0.001 by default. */
  lr: number;
  /** β₁ and β₂, decay of the averages of the gradient and of its square, each in [0, 1); 0.9 and 0.999 by default. */
  betas: readonly [number, number];
  /** ε, added to the denominator, ≥ 0; 1e-8 by default. */
  eps: number;
  /** λ, factor of the L2 penalty, ≥ 0: λ p is added to the gradient; 0 by default. */
  weightDecay: number;
  /** Divides by the largest v̂ so far; false by default. */
  amsgrad: boolean;
  /** Climbs instead of descending; false by default. */
  maximize: boolean;
}

const DEFAULTS: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

function check({ lr, betas, eps, weightDecay }: AdamOptions): void {
  checkNonNegative("Adam", "lr", lr);
  checkNonNegative("Adam", "eps", eps);
  checkNonNegative("Adam", "weightDecay", weightDecay);
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`Adam: betas[${i}] must be in [0, 1), got ${beta}`);
  });
}

/** base^exponent for a whole exponent, by squaring: the same bits in every engine, which `Math.pow` is not. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square)
    if (rest % 2 === 1) result *= square;
  return result;
}

/**
 * `m = β₁ m + (1 − β₁) g`, `v = β₂ v + (1 − β₂) g²`, `p −= α m̂ / (√v̂ + ε)`, with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) freed of
 * their start at zero; t counts the steps from 1. `amsgrad`: Reddi et al. 2018.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @see Kingma & Ba 2014, https://arxiv.org/abs/1412.6980
 */
export class Adam extends Optimizer<AdamOptions> {
  /**
   * An optimizer over these parameters, its averages zero.
   *
   * @param params parameters, or groups of them with options of their own
   * @param options for all groups that leave them out
   * @throws RangeError for options out of range, an empty list, and a parameter given twice
   * @throws GraphError for a tensor that is no leaf or requires no gradient
   * @throws TypeError for tensors and groups mixed
   */
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super("Adam", params, { ...DEFAULTS, ...options }, check);
  }

  protected override update(options: AdamOptions, parameter: NdArray, gradient: NdArray, state: ParamState): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = options;
    const [beta1, beta2] = betas;
    const stepSize = lr / (1 - power(beta1, state.step));
    const sqrtBias2 = Math.sqrt(1 - power(beta2, state.step));
    const arrays = [gradient, parameter];
    for (const name of this.stateNames(options)) arrays.push(this.array(state, name, parameter));
    // biome-ignore format: as the signature has them
    run(
      amsgrad ? adamAmsgradKernel : adamKernel, arrays,
      numelOf(parameter.shape), beta1, beta2, 1 - beta1, 1 - beta2, stepSize, sqrtBias2, eps, weightDecay, maximize ? 1 : 0,
    );
  }

  protected override stateNames({ amsgrad }: AdamOptions): readonly string[] {
    return amsgrad ? ["expAvg", "expAvgSq", "maxExpAvgSq"] : ["expAvg", "expAvgSq"];
  }
}
