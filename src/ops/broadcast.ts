import { broadcastArray, newEmpty, type NdArray, run, viewAs } from "../array.ts";
import { numelOf, sameShape, type Shape } from "../core/shape.ts";
import { sumKernel } from "./sum.ts";

/** An operand ready for an elementwise kernel: step 1 for an array of the output's size, 0 for one number. */
export interface Operand {
  readonly array: NdArray;
  readonly step: 0 | 1;
}

/** `x` for a kernel that writes `shape`: as it is where it lines up or is one number, else repeated. */
export function operandFor(x: NdArray, shape: Shape): Operand {
  const n = numelOf(x.shape);
  if (n === numelOf(shape)) return { array: x, step: 1 };
  if (n === 1) return { array: x, step: 0 };
  return { array: broadcastArray(x, shape), step: 1 };
}

/** Sums the gradient of a broadcast result over what was repeated: the gradient of an operand of `shape`. */
export function reduceTo(gradient: NdArray, shape: Shape): NdArray {
  if (sameShape(gradient.shape, shape)) return gradient;
  const shift = gradient.shape.length - shape.length;
  let array = gradient;
  let sizes = [...gradient.shape];
  for (let d = 0; d < sizes.length; ) {
    const repeated = (dim: number) => dim < shift || (shape[dim - shift] === 1 && sizes[dim] !== 1);
    if (!repeated(d)) {
      d++;
      continue;
    }
    let end = d;
    while (end < sizes.length && repeated(end)) end++;
    const outer = numelOf(sizes.slice(0, d));
    const n = numelOf(sizes.slice(d, end));
    const inner = numelOf(sizes.slice(end));
    sizes = [...sizes.slice(0, d), ...Array<number>(end - d).fill(1), ...sizes.slice(end)];
    const sum = newEmpty(array, sizes);
    run(sumKernel, [array, sum], outer, n, inner);
    array = sum;
    d = end;
  }
  return viewAs(array, shape);
}
