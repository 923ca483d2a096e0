import { clearGrad, isPromise } from "../autograd.ts";
import { type Device, deviceOf } from "../backend/device.ts";
import { ShapeError, TorchletError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { withScope } from "../lifetime.ts";
import { moveLeaf, moveLeavesToCpu } from "../move.ts";
import { Tensor } from "../tensor.ts";
import { overwrite, Parameter } from "./parameter.ts";

/** Sees every module call: `summary` follows a model with one. */
export interface CallObserver {
  enter(module: Module): void;
  leave(module: Module, output: unknown): void;
}

let observer: CallObserver | undefined;

/** Runs synchronous `work` while `follower` sees every module call. */
export function observeCalls<T>(follower: CallObserver, work: () => T): T {
  const before = observer;
  observer = follower;
  try {
    return work();
  } finally {
    observer = before;
  }
}

/** True while someone follows the calls, so that modules must not be merged into one operation. */
export const isObserved = (): boolean => observer !== undefined;

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** Calling a module runs its `forward`. */
export interface Module {
  /**
   * Runs `forward` with the same arguments.
   *
   * @param inputs what `forward` takes
   * @returns what `forward` gives
   * @throws TorchletError if `forward` returns a promise
   * @throws what `forward` throws; what it made until then is given back
   */
  // biome-ignore lint/style/useShorthandFunctionType: the signature follows the subclass's forward through `this`
  (...inputs: Parameters<this["forward"]>): ReturnType<this["forward"]>;
}

/**
 * The base of all modules. A subclass assigns parameters and submodules to fields and defines `forward`; instances are
 * callable: `model(x)` is `model.forward(x)`, typed as it. Fields are found by the names they are assigned to, in the order of
 * assignment, as PyTorch finds them.
 *
 * What `forward` makes and does not return is given back at the latest with the graph; what it returns lives until the second
 * following `optimizer.step()`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html
 * @example
 * ```ts
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(784, 64);
 *   output = new nn.Linear(64, 10);
 *   forward(x: Tensor) {
 *     return this.output(this.hidden(x.flatten(1)).relu());
 *   }
 * }
 * const scores = new Net()(zeros(8, 1, 28, 28)); // [8, 10]
 * ```
 * @category Containers
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the merged interface holds nothing but the call signature
export abstract class Module {
  /** The name in `summary` and in the printed tree; a class without one uses its own name, which a minifier may change. */
  static readonly typeName: string | undefined = undefined;

  /** Whether the module trains: Dropout drops only then. Set by `train()` and `eval()`. */
  training = true;

  /** Makes the instance callable; a subclass calls it first, and assigns fields afterwards. */
  constructor() {
    const call = (...inputs: never[]): unknown => callModule(self, inputs);
    const self = Object.setPrototypeOf(call, new.target.prototype) as this;
    // A function's own `name` and `length` would hide fields of the same names.
    Reflect.deleteProperty(self, "name");
    Reflect.deleteProperty(self, "length");
    self.training = true;
    // biome-ignore lint/correctness/noConstructorReturn: this is what makes modules callable without eval
    return self;
  }

  /**
   * What the module computes, a synchronous function; called through the module itself, `model(x)`.
   *
   * @param inputs what the subclass takes
   * @returns what it gives: a tensor, or arrays, maps or plain objects of them
   */
  abstract forward(...inputs: never[]): unknown;

  /** The options in the printed tree, as PyTorch shows them: `p=0.5, inplace=False`. */
  extraRepr(): string {
    return "";
  }

  /** The name of the module's type: `static typeName`, or the class's name. */
  get typeName(): string {
    const own = this.constructor as typeof Module;
    return own.typeName ?? own.name;
  }

  /** Own submodules with the fields that hold them, in order of assignment. */
  *namedChildren(): Generator<[name: string, module: Module]> {
    for (const [name, value] of Object.entries(this)) if (value instanceof Module) yield [name, value];
  }

  /** Own submodules, in order of assignment. */
  children(): Module[] {
    return Object.values(this).filter((value): value is Module => value instanceof Module);
  }

  /**
   * The module itself (named "") and everything below it, each once, parents first.
   *
   * @param prefix what names begin with
   * @param seen modules to pass over; those that are found join them
   */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[name: string, module: Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.namedChildren())
      yield* child.namedModules(prefix ? `${prefix}.${name}` : name, seen);
  }

  /** The module itself and everything below it, each once, parents first. */
  modules(): Module[] {
    const found = new Set<Module>();
    const visit = (module: Module): void => {
      if (found.has(module)) return;
      found.add(module);
      module.children().forEach(visit);
    };
    visit(this);
    return [...found];
  }

  /** Parameters with their dotted names (`b1.0.weight`), each once, in order of assignment. */
  *namedParameters(): Generator<[name: string, parameter: Parameter]> {
    const seen = new Set<Parameter>();
    for (const [name, parameter] of entriesOf(this)) {
      if (seen.has(parameter)) continue;
      seen.add(parameter);
      yield [name, parameter];
    }
  }

  /** Parameters here and below, each once, in order of assignment: what an optimizer takes. */
  parameters(): Parameter[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** Parameters by dotted name, in PyTorch's names and shapes. The tensors are the parameters themselves. */
  stateDict(): Map<string, Tensor> {
    return new Map(entriesOf(this));
  }

  /**
   * Copies a state into the parameters. Names and shapes must agree exactly; nothing is written before all of it is checked.
   *
   * @param state float32 tensors, or Float32Array / Float64Array with their shapes as `parse` of `torchlet/safetensors` and
   *   `readState` give them, by dotted name
   * @throws ShapeError that lists every difference
   */
  loadStateDict(state: StateDict): void {
    const given = state instanceof Map ? state : new Map(Object.entries(state));
    const own = this.stateDict();
    const problems: string[] = [];
    for (const name of given.keys()) if (!own.has(name)) problems.push(`unexpected ${name}`);
    for (const [name, parameter] of own) {
      const value = given.get(name);
      problems.push(...(value === undefined ? [`missing ${name}`] : mismatch(name, parameter, value)));
    }
    if (problems.length > 0)
      throw new ShapeError(
        `${this.typeName}.loadStateDict: the state does not fit, nothing was loaded: ${problems.join("; ")}`,
      );
    for (const [name, parameter] of own) overwrite(parameter, given.get(name) as StateValue);
  }

  /**
   * Sets training mode here and below.
   *
   * @param mode true by default; false is `eval()`
   */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets evaluation mode here and below: Dropout passes everything. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Moves the parameters and their gradients to a device. Make optimizers afterwards: their state stays where it is.
   *
   * @param device a device or its name
   * @throws DeviceError for a device that is not ready; also from a GPU, whose elements come back asynchronously: use `await model.cpu()`
   */
  to(device: Device | string): this {
    const target = deviceOf(device);
    for (const parameter of this.parameters()) moveLeaf(parameter, target);
    return this;
  }

  /**
   * Moves the parameters and their gradients to the CPU, from whatever device.
   *
   * @throws DeviceLostError if the device was lost
   */
  async cpu(): Promise<this> {
    await moveLeavesToCpu(this.parameters());
    return this;
  }

  /**
   * Sets whether the parameters here and below require gradients: false freezes them.
   *
   * @param flag true by default
   */
  requiresGrad_(flag = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = flag;
    return this;
  }

  /** Sets the gradients of all parameters here and below to null. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) clearGrad(parameter);
  }

  /** The module tree as PyTorch prints it. */
  toString(): string {
    const lines = Array.from(this.namedChildren(), ([name, child]) => `(${name}): ${child}`.replaceAll("\n", "\n  "));
    if (lines.length === 0) return `${this.typeName}(${this.extraRepr()})`;
    return `${this.typeName}(\n${lines.map((line) => `  ${line}\n`).join("")})`;
  }

  /** @internal what Node's and Deno's consoles show: the tree */
  [inspect](): string {
    return this.toString();
  }
}

/**
 * What a state may hold: a float32 tensor on any device, or a Float32Array or Float64Array, row-major, with its shape.
 *
 * @category State
 */
export type StateValue =
  | Tensor
  | {
      /** Sizes, outermost first: the parameter's. */
      readonly shape: readonly number[];
      /** The elements. All that a file may hold is let in; other types than the two are refused when it is loaded. */
      readonly data: ArrayLike<number> | ArrayLike<bigint>;
    };

/**
 * A state by dotted name (`b1.0.weight`): `stateDict()` of a model, `tensors` of a parsed file, or a plain object.
 *
 * @category State
 */
export type StateDict = ReadonlyMap<string, StateValue> | Readonly<Record<string, StateValue>>;

function mismatch(name: string, parameter: Parameter, value: StateValue): string[] {
  if (!sameShape(parameter.shape, value.shape))
    return [`${name} is ${showShape(value.shape)}, expected ${showShape(parameter.shape)}`];
  if (value instanceof Tensor) return value.dtype === "float32" ? [] : [`${name} is ${value.dtype}, expected float32`];
  if (value.data.length !== parameter.numel)
    return [`${name} holds ${value.data.length} elements, expected ${parameter.numel}`];
  if (value.data instanceof Float32Array || value.data instanceof Float64Array) return [];
  return [`${name} holds ${value.data.constructor.name}, expected Float32Array or Float64Array`];
}

/** Every parameter field below a module, shared ones under each of their names. */
function* entriesOf(module: Module, prefix = ""): Generator<[string, Parameter]> {
  for (const [name, value] of Object.entries(module)) if (value instanceof Parameter) yield [prefix + name, value];
  for (const [name, child] of module.namedChildren()) yield* entriesOf(child, `${prefix}${name}.`);
}

function callModule(module: Module, inputs: never[]): unknown {
  observer?.enter(module);
  const output = withScope("module", () => module.forward(...inputs));
  if (isPromise(output))
    throw new TorchletError(
      `${module.typeName}.forward returned a promise; forward must be synchronous, await outside the module`,
    );
  observer?.leave(module, output);
  return output;
}
