import { beginTemporaries, contiguous, endTemporaries, hold, type NdArray } from "./array.ts";
import { gradEnabled, gradientRoom } from "./autograd.ts";
import type { Device } from "./backend/device.ts";
import type { DType } from "./core/dtype.ts";
import { DeviceError } from "./core/errors.ts";
import type { Shape } from "./core/shape.ts";
import { type Application, GraphNode } from "./graph.ts";
import { arrayOf, born } from "./lifetime.ts";
import { Tensor } from "./tensor.ts";

/** What a shape rule sees and says. */
export interface Meta {
  readonly shape: Shape;
  readonly dtype: DType;
}

const NONE: readonly never[] = [];

/** One application of an operation: its options, and what it puts by for backward. */
export class Context<Options> implements Application {
  readonly options: Options;
  /** Which inputs want a gradient; none where no graph is recorded. */
  readonly needs: readonly boolean[];
  /** What `save` was given, in order. */
  saved: readonly NdArray[] = NONE;
  readonly #op: Differentiable<Options>;
  readonly #inputs: readonly (Tensor | undefined)[];

  constructor(
    op: Differentiable<Options>,
    inputs: readonly (Tensor | undefined)[],
    options: Options,
    needs: readonly boolean[],
  ) {
    this.#op = op;
    this.#inputs = inputs;
    this.options = options;
    this.needs = needs;
  }

  /** Keeps arrays until backward has run; they come back as `saved`. */
  save(...arrays: NdArray[]): void {
    this.saved = arrays;
  }

  /** Where backward may write the gradient of input i. */
  room(i: number): NdArray {
    return gradientRoom(this.#inputs[i] as Tensor);
  }

  backward(gradient: NdArray): readonly (NdArray | null)[] {
    return this.#op.backward?.(this, gradient) ?? NONE;
  }
}

/** What backward takes of an operation. */
interface Differentiable<Options> {
  /** Gradients of the inputs, in order; null for those that have none. Absent where the result has no derivative. */
  backward?(context: Context<Options>, gradient: NdArray): readonly (NdArray | null)[];
}

/**
 * One operation: a shape rule, forward, backward. Forward and backward compute with arrays; whatever they make and neither
 * return nor save ends with them. Inputs arrive contiguous unless `strided`; an absent optional input is undefined.
 */
export interface Op<Options, Inputs extends readonly (NdArray | undefined)[] = readonly NdArray[]>
  extends Differentiable<Options> {
  /** As in error messages: the name users call it by. */
  readonly name: string;
  /** PyTorch's name of the graph node, as printed in `grad_fn=<…>`: `ExpBackward0` for exp, unless it is another. */
  readonly gradFn?: string | ((options: Options, inputs: readonly (Meta | undefined)[]) => string) | undefined;
  /** True where forward reads strides itself. */
  readonly strided?: boolean;
  /** Checks the inputs and tells the output. @throws ShapeError DTypeError RangeError */
  infer(inputs: { readonly [I in keyof Inputs]: Meta | Extract<Inputs[I], undefined> }, options: Options): Meta;
  forward(context: Context<Options>, ...inputs: Inputs): NdArray;
}

type TensorsFor<Inputs extends readonly (NdArray | undefined)[]> = {
  readonly [I in keyof Inputs]: Tensor | Extract<Inputs[I], undefined>;
};

/**
 * The one path from an operation to a kernel and onto the graph: checks, allocates, queues, records.
 *
 * @throws whatever the shape rule throws, with nothing changed
 */
export function apply<Options, Inputs extends readonly (NdArray | undefined)[]>(
  op: Op<Options, Inputs>,
  inputs: TensorsFor<Inputs>,
  options: Options,
): Tensor {
  const tensors: readonly (Tensor | undefined)[] = inputs;
  const meta = op.infer(inputs, options);
  const device = commonDevice(op.name, tensors);
  if (device === undefined) return new Tensor({ ...meta, device });
  const records = op.backward !== undefined && gradEnabled();
  const needs: readonly boolean[] = records ? tensors.map(needsGradient) : NONE;
  const context = new Context(op, tensors, options, needs);
  const from = beginTemporaries();
  try {
    const array = op.forward(context, ...(arraysOf(tensors, op.strided === true) as unknown as Inputs));
    array.storage.retain();
    const output = new Tensor({ shape: meta.shape, dtype: meta.dtype, device, array });
    if (needs.includes(true)) record(op, context, tensors, output);
    born(output, tensors);
    return output;
  } finally {
    endTemporaries(from);
  }
}

const needsGradient = (input: Tensor | undefined): boolean => input?.requiresGrad === true;

/** The inputs' arrays, held until the operation ends. */
function arraysOf(tensors: readonly (Tensor | undefined)[], strided: boolean): (NdArray | undefined)[] {
  const arrays = tensors.map((tensor) => tensor && hold(arrayOf(tensor)));
  if (strided) return arrays;
  for (let i = 0; i < arrays.length; i++) arrays[i] &&= contiguous(arrays[i] as NdArray);
  return arrays;
}

function record<Options>(
  { name, gradFn = `${name[0]?.toUpperCase()}${name.slice(1)}Backward0` }: Pick<Op<Options>, "name" | "gradFn">,
  context: Context<Options>,
  inputs: readonly (Tensor | undefined)[],
  output: Tensor,
): void {
  output.requiresGrad = true;
  output.node = new GraphNode(typeof gradFn === "string" ? gradFn : gradFn(context.options, inputs), inputs, context);
  output.node.output = output;
}

/** The device all inputs share; undefined if one of them is a shape only. */
function commonDevice(operation: string, inputs: readonly (Tensor | undefined)[]): Device | undefined {
  let device: Device | undefined;
  for (const input of inputs) {
    if (input === undefined) continue;
    if (input.place === undefined) return undefined;
    if (device !== undefined && device !== input.place)
      throw new DeviceError(
        `${operation}: the inputs live on ${device} and on ${input.place}; move one with .to(device)`,
      );
    device = input.place;
  }
  return device;
}
