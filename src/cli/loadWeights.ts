import { DTypeError, ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import type { SafeTensor, SafeTensors } from "../io/safetensors.ts";
import type { Module } from "../nn/module.ts";
import { printable } from "./screen.ts";

/** Differences that a message lists before it only counts them. */
const MOST_LISTED = 4;

/**
 * Gives a model the weights of a safetensors file. Names and shapes must agree exactly; F64, F16 and BF16 become float32, as
 * PyTorch's `load_state_dict` does.
 *
 * @param path what messages call the file
 * @throws ShapeError that names the keys and shapes that differ; DTypeError where a tensor holds no such floats
 */
export function loadWeights(model: Module, { tensors }: SafeTensors, path: string): void {
  const problems = differences(model, tensors);
  if (problems.length > 0) {
    const more = problems.length > MOST_LISTED ? `; and ${problems.length - MOST_LISTED} more` : "";
    throw new ShapeError(
      `${path} does not fit ${model.typeName}: ${problems.slice(0, MOST_LISTED).join("; ")}${more}; torchlet summary --model ${path} lists what it holds`,
    );
  }
  const values = Array.from(tensors, ([name, tensor]) => {
    const data = toFloat32(tensor);
    if (data === undefined)
      throw new DTypeError(`${path}: ${printable(name)} must be F32, F64, F16 or BF16, got ${tensor.dtype}`);
    return [name, { shape: tensor.shape, data }] as const;
  });
  model.loadStateDict(new Map(values));
}

function differences(model: Module, tensors: SafeTensors["tensors"]): string[] {
  const own = model.stateDict();
  const missing = [...own].flatMap(([name, { shape }]) => {
    const found = tensors.get(name)?.shape;
    if (found === undefined) return [`${name} is missing`];
    const same = found.length === shape.length && found.every((size, i) => size === shape[i]);
    return same ? [] : [`${name} is ${showShape(found)}, expected ${showShape(shape)}`];
  });
  const unexpected = [...tensors.keys()].filter((name) => !own.has(name));
  return [...missing, ...unexpected.map((name) => `${printable(name)} was not expected`)];
}

/** The elements as float32, or undefined where they are no floats of at least 16 bits. */
function toFloat32({ dtype, data }: SafeTensor): Float32Array | undefined {
  switch (dtype) {
    case "F32":
      return data;
    case "F64":
      return Float32Array.from(data);
    case "F16":
      return Float32Array.from(data, halfToNumber);
    case "BF16":
      // A bfloat16 is the upper half of a float32.
      return new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer);
    default:
      return undefined;
  }
}

/** IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
