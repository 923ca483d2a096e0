import { collectTemporaries, contiguous, hold, type NdArray } from "./array.ts";
import { type GradientRoom, GraphNode, gradEnabled } from "./autograd.ts";
import type { Device } from "./backend/device.ts";
import type { DType } from "./core/dtype.ts";
import { DeviceError } from "./core/errors.ts";
import type { Shape } from "./core/shape.ts";
import { arrayOf, born } from "./lifetime.ts";
import { Tensor } from "./tensor.ts";

/** What a shape rule sees and says. */
export interface Meta {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One application of an operation: its options, and what it puts by for backward. */
export class Context<Options> {
  readonly options: Options;
  /** Which inputs want a gradient; all false where no graph is recorded. */
  readonly needs: readonly boolean[];
  /** What `save` was given, in order. */
  saved: readonly NdArray[] = [];

  constructor(options: Options, needs: readonly boolean[]) {
    this.options = options;
    this.needs = needs;
  }

  /** Keeps arrays until backward has run; they come back as `saved`. */
  save(...arrays: NdArray[]): void {
    this.saved = arrays;
  }
}

/**
 * One operation: a shape rule, forward, backward. Forward and backward compute with arrays; whatever they make and neither
 * return nor save ends with them. Inputs arrive contiguous unless `strided`; an absent optional input is undefined.
 */
export interface Op<Options, Inputs extends readonly (NdArray | undefined)[] = readonly NdArray[]> {
  /** As in error messages: the name users call it by. */
  readonly name: string;
  /** PyTorch's name of the graph node, as printed in `grad_fn=<…>`. */
  readonly gradFn: string | ((options: Options, inputs: readonly (Meta | undefined)[]) => string);
  /** True where forward reads strides itself. */
  readonly strided?: boolean;
  /** Checks the inputs and tells the output. @throws ShapeError DTypeError RangeError */
  infer(inputs: { readonly [I in keyof Inputs]: Meta | Extract<Inputs[I], undefined> }, options: Options): Meta;
  forward(context: Context<Options>, ...inputs: Inputs): NdArray;
  /**
   * Gradients of the inputs, in order; null for those that have none. `room(i)` is where input i's may be written. Absent where
   * the result has no derivative.
   */
  backward?(context: Context<Options>, gradient: NdArray, room: GradientRoom): readonly (NdArray | null)[];
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
  const recording = op.backward !== undefined && gradEnabled() && tensors.some((input) => input?.requiresGrad);
  const context = new Context(
    options,
    tensors.map((input) => recording && input?.requiresGrad === true),
  );
  return collectTemporaries(() => {
    const arrays = tensors.map((input) => input && hold(arrayOf(input)));
    const ready = op.strided ? arrays : arrays.map((array) => array && contiguous(array));
    const array = op.forward(context, ...(ready as unknown as Inputs));
    array.storage.retain();
    const output = new Tensor({ shape: meta.shape, dtype: meta.dtype, device, array });
    if (recording) record(op, context, tensors, output);
    born(output, tensors);
    return output;
  });
}

function record<Options, Inputs extends readonly (NdArray | undefined)[]>(
  op: Op<Options, Inputs>,
  context: Context<Options>,
  inputs: readonly (Tensor | undefined)[],
  output: Tensor,
): void {
  const name = typeof op.gradFn === "string" ? op.gradFn : op.gradFn(context.options, inputs);
  const { backward } = op;
  output.requiresGrad = true;
  output.node = new GraphNode(
    name,
    inputs,
    context.saved,
    (gradient, room) => backward?.call(op, context, gradient, room) ?? [],
  );
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
