import { bytesOf } from "../core/dtype.ts";
import { ShapeError, TorchletError } from "../core/errors.ts";
import { checkShape, numelOf, type Shape } from "../core/shape.ts";
import { type CallObserver, type Module, observeCalls } from "../nn/module.ts";
import type { Parameter } from "../nn/parameter.ts";
import { Tensor } from "../tensor.ts";
import type { SummaryRow, SummaryTotals } from "./summaryTable.ts";

type OpenRow = { -readonly [K in keyof SummaryRow]: SummaryRow[K] };

const numel = (parameters: readonly Parameter[]): number => parameters.reduce((n, parameter) => n + parameter.numel, 0);
const ownParameters = (module: Module): Parameter[] =>
  Array.from(module.namedParameters()).flatMap(([name, p]) => (name.includes(".") ? [] : [p]));

/** Follows one forward pass: a row for every call of a module that belongs to the model. */
class Recorder implements CallObserver {
  readonly rows: OpenRow[] = [];
  multAdds = 0;
  outputBytes = 0;
  readonly #known: ReadonlySet<Module>;
  readonly #seen = new Set<Module>();
  readonly #open: OpenRow[] = [];
  readonly #counts: number[] = [];

  constructor(model: Module) {
    this.#known = new Set(model.modules());
  }

  enter(module: Module): void {
    if (!this.#known.has(module)) return;
    const depth = this.#open.length;
    const index = (this.#counts[depth] ?? 0) + 1;
    this.#counts[depth] = index;
    const parameters = module.parameters();
    const row = {
      typeName: module.typeName,
      depth,
      index,
      outputShape: [] as Shape,
      params: numel(parameters),
      ownParams: numel(ownParameters(module)),
      trainableParams: numel(parameters.filter((parameter) => parameter.requiresGrad)),
      leaf: module.children().length === 0,
      recursive: this.#seen.has(module),
    };
    this.#seen.add(module);
    this.rows.push(row);
    this.#open.push(row);
  }

  leave(module: Module, output: unknown): void {
    if (!this.#known.has(module)) return;
    const row = this.#open.pop();
    if (row === undefined) return;
    row.outputShape = shapeOf(output);
    if (!row.leaf || row.ownParams === 0) return;
    this.multAdds += row.ownParams * (row.outputShape[0] ?? 1);
    this.outputBytes += numelOf(row.outputShape) * bytesOf("float32");
  }
}

function shapeOf(output: unknown): Shape {
  if (output instanceof Tensor) return output.shape;
  return Array.isArray(output) ? shapeOf(output[0]) : [];
}

/** What the table shows: a row for every call of a module, and the sums under them. */
export interface SummaryFacts {
  readonly rows: readonly SummaryRow[];
  readonly totals: SummaryTotals;
}

/**
 * Lets a model see the shape of a batch and puts by what its modules make of it; see `summary`.
 *
 * @throws ShapeError where the model does not take such an input
 */
export function summaryFacts(model: Module, inputSize: Shape | readonly Shape[]): SummaryFacts {
  const shapes = isShape(inputSize) ? [inputSize] : inputSize;
  if (shapes.length === 0) throw new ShapeError("summary: expected the shape of a batch, got an empty list");
  const inputs = shapes.map(
    (shape) => new Tensor({ shape: checkShape("summary", shape), dtype: "float32", device: undefined }),
  );
  const recorder = new Recorder(model);
  observeCalls(recorder, () => (model as unknown as (...inputs: Tensor[]) => unknown)(...inputs));
  const parameters = model.parameters();
  if (recorder.rows.length === 0) throw new TorchletError("summary: the model called no module");
  const totals = {
    totalParams: numel(parameters),
    trainableParams: numel(parameters.filter((parameter) => parameter.requiresGrad)),
    multAdds: recorder.multAdds,
    inputBytes: shapes.reduce((bytes, shape) => bytes + numelOf(shape) * bytesOf("float32"), 0),
    forwardBackwardBytes: 2 * recorder.outputBytes,
    paramsBytes: numel(parameters) * bytesOf("float32"),
  };
  return { rows: recorder.rows, totals };
}

const isShape = (size: Shape | readonly Shape[]): size is Shape => size.length > 0 && typeof size[0] === "number";
