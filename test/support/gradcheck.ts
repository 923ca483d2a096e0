import * as assert from "uvu/assert";
import { noGrad } from "../../src/autograd.ts";
import { tensor } from "../../src/create.ts";
import type { Tensor } from "../../src/tensor.ts";

/** A small generator of its own, values in [-1, 1): failures repeat. */
export function noise(n: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

/** How far apart the two sides of a difference lie; float32 results carry about 1e-7, so the quotient about 1e-5. */
const EPS = 0.01;
/** 5e-3: 1e-5 from float32 rounding, and EPS² times third derivatives of up to 20 or so. */
const TOLERANCE = 5e-3;

/**
 * Checks the gradients of `f` at `inputs` against central differences of Σ upstream · f, one element at a time.
 *
 * @param inputs float32 arrays with their shapes
 */
export async function gradcheck(
  name: string,
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly { readonly data: Float32Array; readonly shape: readonly number[] }[],
): Promise<void> {
  const leaves = inputs.map(({ data, shape }) => tensor(data.slice(), { shape, requiresGrad: true }));
  const output = f(...leaves);
  const upstream = noise(output.numel, 99);
  output.backward(tensor(upstream, { shape: output.shape }));
  const value = async (which: number, at: number, change: number): Promise<number> => {
    const moved = inputs.map(({ data, shape }, i) => {
      const copy = data.slice();
      if (i === which) copy[at] = (copy[at] as number) + change;
      return tensor(copy, { shape });
    });
    return dot(await noGrad(() => f(...moved)).data(), upstream);
  };
  for (const [i, leaf] of leaves.entries()) {
    assert.ok(leaf.grad, `${name}: no gradient of input ${i}`);
    const gradient = (await leaf.grad?.data()) ?? [];
    // All at once: a device that does not read at once is waited for once.
    const differences = await Promise.all(
      Array.from({ length: leaf.numel }, async (_, at) => {
        const [above, below] = await Promise.all([value(i, at, EPS), value(i, at, -EPS)]);
        return (above - below) / (2 * EPS);
      }),
    );
    differences.forEach((numeric, at) => {
      const found = gradient[at] as number;
      const error = Math.abs(found - numeric) / Math.max(1, Math.abs(numeric));
      assert.ok(
        error <= TOLERANCE,
        `${name}: gradient of input ${i}, element ${at} is ${found}, differences say ${numeric}`,
      );
    });
  }
}
