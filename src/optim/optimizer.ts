import { download, type NdArray } from "../array.ts";
import { clearGrad } from "../autograd.ts";
import type { Device } from "../backend/device.ts";
import { DeviceError, DTypeError, GraphError, ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { yieldIfDue } from "../core/yield.ts";
import { raiseFaults } from "../faults.ts";
import { Clock } from "../clock.ts";
import { addOnce } from "../graph.ts";
import { arrayOf, keepForUpdates, own } from "../lifetime.ts";
import { Tensor } from "../tensor.ts";
import { FlatGroup } from "./flat.ts";
import { type HostArray, type OptimizerState, type ParamState, persistent, releaseAll } from "./state.ts";

/** Parameters with options of their own; options they leave out are the optimizer's. */
export type ParamGroup<Options> = {
  /** Leaves that require gradients. */
  params: Iterable<Tensor>;
} & Partial<Options>;

/** What an optimizer takes: parameters, or groups of them. */
export type Params<Options> = Iterable<Tensor> | Iterable<ParamGroup<Options>>;

/** A group as the optimizer holds it; its options may be changed between steps. */
export type Group<Options> = {
  /** Its parameters, in order. */
  readonly params: readonly Tensor[];
} & Options;

/** A device that does not read at once is asked for faults after so many steps. */
const FAULTS_EVERY = 50;
/** Two optimizers over the same parameters would take turns at moving them; after so many times each updates them one by one. */
const MAX_FLATTENED = 4;

const hasGradient = ({ grad }: Tensor): boolean => grad !== null;
const isGroup = <Options>(item: Tensor | ParamGroup<Options>): item is ParamGroup<Options> => !(item instanceof Tensor);

/**
 * The base of optimizers: parameters in groups, their state, and the steps that make the memory of old graphs free. `Adam` and
 * `SGD` are made of it.
 *
 * @see https://pytorch.org/docs/stable/optim.html#torch.optim.Optimizer
 */
export abstract class Optimizer<Options extends object> {
  /** The groups, whose options may be changed between steps: `optimizer.paramGroups[0].lr = 0.0001`. */
  readonly paramGroups: Group<Options>[];
  protected readonly name: string;
  readonly #clock = new Clock();
  readonly #states = new Map<Tensor, ParamState>();
  readonly #flats = new Map<Group<Options>, FlatGroup>();
  #flattened = 0;
  #steps = 0;

  /**
   * For subclasses.
   *
   * @param name what messages call it
   * @param params parameters, or groups of them
   * @param defaults options of groups that leave them out
   * @param check throws where a group's options make no sense
   * @throws RangeError for an empty list, and a parameter given twice
   * @throws GraphError for a tensor that is no leaf or requires no gradient
   * @throws TypeError for tensors and groups mixed
   */
  constructor(name: string, params: Params<Options>, defaults: Options, check: (options: Options) => void) {
    this.name = name;
    const items: (Tensor | ParamGroup<Options>)[] = [...params];
    const groups = items.some(isGroup) ? items.filter(isGroup) : [{ params: items } as unknown as ParamGroup<Options>];
    if (items.length === 0) throw new RangeError(`${name}: got an empty parameter list`);
    if (items.some(isGroup) && groups.length !== items.length)
      throw new TypeError(`${name}: expected tensors or groups { params }, got both`);
    this.paramGroups = groups.map((group) => ({ ...defaults, ...group, params: [...group.params] }));
    for (const group of this.paramGroups) check(group);
    this.#adopt();
    // The states are freed with the optimizer; the closure holds nothing that leads back to it.
    const [states, flats, clock] = [this.#states, this.#flats, this.#clock];
    own(this, () => {
      clock.stop();
      releaseAll(states.values());
      for (const flat of flats.values()) flat.release();
    });
  }

  #adopt(): void {
    const seen = new Set<Tensor>();
    for (const parameter of this.#parameters()) {
      if (!(parameter instanceof Tensor))
        throw new TypeError(`${this.name}: expected tensors, got ${typeof parameter}`);
      if (parameter.node || !parameter.requiresGrad)
        throw new GraphError(
          `${this.name}: can only optimize leaves that require gradients, got a tensor of shape ${showShape(parameter.shape)} that ${parameter.node ? "an operation made" : "does not"}`,
        );
      if (seen.has(parameter)) throw new RangeError(`${this.name}: a parameter appears more than once`);
      seen.add(parameter);
    }
    for (const parameter of seen) {
      parameter.clock = this.#clock;
      keepForUpdates(parameter);
    }
  }

  #parameters(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }

  /** Sets the gradients of all its parameters to null. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) for (const parameter of params) clearGrad(parameter);
  }

  /**
   * Updates every parameter that has a gradient. Resolves when the device can take more work, which may be before it has
   * computed this; others get a turn at least every 16 ms.
   *
   * @throws RangeError where a kernel met a class label out of range since the last read
   * @throws DeviceError where parameters were moved after the optimizer was made
   * @throws DeviceLostError if the device was lost
   */
  async step(): Promise<void> {
    const devices: Device[] = [];
    for (const group of this.paramGroups) this.#updateGroup(group, devices);
    this.#steps++;
    for (const device of devices) {
      const flushed = device.backend.flush();
      if (flushed) await flushed;
      const isDue = device.backend.readsAtOnce || this.#steps % FAULTS_EVERY === 0;
      const checked = isDue ? raiseFaults(device) : undefined;
      if (checked) await checked;
    }
    this.#clock.tick();
    const turn = yieldIfDue();
    if (turn) await turn;
  }

  /** Updates what has a gradient; `devices` gains where it is. */
  #updateGroup(group: Group<Options>, devices: Device[]): void {
    const { params } = group;
    const flat = params.every(hasGradient) ? this.#flatOf(group) : undefined;
    if (flat?.gather()) {
      flat.count();
      this.update(group, flat.parameters.whole, flat.gradients.whole, flat.state);
    } else {
      this.#giveUp(group);
      for (const parameter of params) if (hasGradient(parameter)) this.#updateAlone(group, parameter);
    }
    for (const parameter of params.filter(hasGradient)) {
      const { storage } = arrayOf(parameter);
      storage.version++;
      addOnce(devices, storage.device);
    }
  }

  #updateAlone(group: Group<Options>, parameter: Tensor): void {
    const state = this.#stateOf(parameter);
    state.step++;
    this.update(group, arrayOf(parameter), arrayOf(parameter.grad as Tensor), state);
  }

  /** Leaves a group's parameters and their state to themselves. */
  #giveUp(group: Group<Options>): void {
    this.#flats.get(group)?.release();
    this.#flats.delete(group);
  }

  /** The group in one piece, moved together where it is not; undefined where that cannot be, or did not last. */
  #flatOf(group: Group<Options>): FlatGroup | undefined {
    const known = this.#flats.get(group);
    if (known?.isIntact) return known;
    this.#giveUp(group);
    if (this.#flattened >= MAX_FLATTENED * this.paramGroups.length) return undefined;
    const states = group.params.map((parameter) => this.#stateOf(parameter));
    const made = FlatGroup.of(group.params, states);
    if (made === undefined) return undefined;
    this.#flattened++;
    this.#flats.set(group, made);
    return made;
  }

  /** Queues the update of one parameter, or of a whole group end to end; `state.step` counts from 1. */
  protected abstract update(options: Options, parameter: NdArray, gradient: NdArray, state: ParamState): void;

  /** The names of the state arrays that a group's options call for. */
  protected abstract stateNames(options: Options): readonly string[];

  #stateOf(parameter: Tensor): ParamState {
    const known = this.#states.get(parameter);
    for (const [name, { storage }] of known?.arrays ?? [])
      if (storage.device !== parameter.place)
        throw new DeviceError(
          `${this.name}: ${name} of a parameter lives on ${storage.device}, the parameter on ${parameter.place}; make the optimizer after model.to(device), or load its state again`,
        );
    if (known) return known;
    const state: ParamState = { step: 0, arrays: new Map() };
    this.#states.set(parameter, state);
    return state;
  }

  /** A state array of zeros, made when it is first asked for. */
  protected array(state: ParamState, name: string, like: NdArray): NdArray {
    const known = state.arrays.get(name);
    if (known) return known;
    if (state.make) return state.make(name);
    const made = persistent(
      like.storage.device,
      new Float32Array(like.shape.reduce((n, size) => n * size, 1)),
      like.shape,
    );
    state.arrays.set(name, made);
    return made;
  }

  /**
   * Copies the state to the host, all of the same moment: plain data for `loadStateDict`.
   *
   * @throws DeviceLostError if the device was lost
   */
  async stateDict(): Promise<OptimizerState<Options>> {
    const parameters = this.#parameters();
    // All at once: a device that does not read at once is waited for once, and all are of the same moment.
    const entries = parameters.map(async (parameter, i) => {
      const found = this.#states.get(parameter);
      if (found === undefined) return undefined;
      const { step } = found;
      const arrays = Array.from(found.arrays, async ([name, array]) => {
        const data = Float32Array.from(await download(array));
        return [name, { shape: parameter.shape, data }] as const;
      });
      return [i, { step, ...Object.fromEntries(await Promise.all(arrays)) }] as const;
    });
    const paramGroups = this.paramGroups.map(({ params, ...options }) => ({
      ...(options as unknown as Options),
      params: params.map((parameter) => parameters.indexOf(parameter)),
    }));
    const known = (await Promise.all(entries)).filter((entry) => entry !== undefined);
    const state: OptimizerState<Options>["state"] = Object.fromEntries(known);
    return { state, paramGroups };
  }

  /**
   * Takes over a state, options included; nothing is changed before all of it is checked.
   *
   * @param given what `stateDict` gave, of an optimizer of the same kind over parameters of the same shapes
   * @throws ShapeError where groups or shapes differ
   * @throws DTypeError for arrays other than Float32Array
   * @throws RangeError for a parameter that is not there, or steps that are no count
   */
  loadStateDict(given: OptimizerState<Options>): void {
    const sizes = (groups: readonly { readonly params: readonly unknown[] }[]) =>
      groups.map(({ params }) => params.length);
    if (!sameShape(sizes(given.paramGroups), sizes(this.paramGroups)))
      throw new ShapeError(
        `${this.name}.loadStateDict: the state has groups of ${showShape(sizes(given.paramGroups))} parameters, the optimizer ${showShape(sizes(this.paramGroups))}`,
      );
    const parameters = this.#parameters();
    const states = Object.entries(given.state).map(([key, entry]) => this.#checked(parameters, Number(key), entry));
    // What lies end to end goes on with the old state: it is put together anew.
    for (const flat of this.#flats.values()) flat.release();
    this.#flats.clear();
    this.#flattened = 0;
    releaseAll(this.#states.values());
    this.#states.clear();
    for (const { parameter, step, arrays } of states) {
      const { device } = arrayOf(parameter).storage;
      const made = arrays.map(([name, { data }]) => [name, persistent(device, data, parameter.shape)] as const);
      this.#states.set(parameter, { step, arrays: new Map(made) });
    }
    this.paramGroups.forEach((group, i) => {
      const { params: _, ...options } = given.paramGroups[i] as Options & { params: unknown };
      Object.assign(group, options);
    });
  }

  #checked(
    parameters: readonly Tensor[],
    index: number,
    entry: { readonly step: number } & Readonly<Record<string, HostArray | number>>,
  ) {
    const parameter = parameters[index];
    if (parameter === undefined)
      throw new RangeError(
        `${this.name}.loadStateDict: state for parameter ${index}, but there are ${parameters.length}`,
      );
    const { step, ...rest } = entry;
    if (!Number.isSafeInteger(step) || step < 0)
      throw new RangeError(
        `${this.name}.loadStateDict: step of parameter ${index} must be a non-negative integer, got ${step}`,
      );
    const arrays = Object.entries(rest).map(([name, value]) => {
      if (typeof value === "number" || !(value.data instanceof Float32Array))
        throw new DTypeError(`${this.name}.loadStateDict: ${name} of parameter ${index} must hold a Float32Array`);
      if (!sameShape(value.shape, parameter.shape) || value.data.length !== parameter.numel)
        throw new ShapeError(
          `${this.name}.loadStateDict: ${name} of parameter ${index} is ${showShape(value.shape)}, expected ${showShape(parameter.shape)}`,
        );
      return [name, value] as const;
    });
    return { parameter, step, arrays };
  }
}
