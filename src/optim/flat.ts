import { contiguous, copyElements, emptyArray, type NdArray, run } from "../array.ts";
import { clearGradientSlot, fill, setGradientSlot } from "../autograd.ts";
import { PART_ALIGN } from "../backend/backend.ts";
import type { Device } from "../backend/device.ts";
import { numelOf, type Shape } from "../core/shape.ts";
import { arrayOf, rehome } from "../lifetime.ts";
import type { Tensor } from "../tensor.ts";
import type { ParamState } from "./state.ts";

/**
 * Float32 arrays end to end in one storage, so that one kernel updates them all. Between them lie gaps, which begin as zeros
 * and which an optimizer's kernel leaves zero.
 */
class FlatArrays {
  /** All of them and the gaps, as one dimension; held by whoever made it. */
  readonly whole: NdArray;
  /** Each has one holder, which is whoever takes it. */
  readonly parts: readonly NdArray[];

  /** Zeros of the given shapes. @throws OutOfMemoryError */
  constructor(device: Device, shapes: readonly Shape[]) {
    const step = PART_ALIGN / 4;
    const starts: number[] = [];
    let n = 0;
    for (const shape of shapes) {
      starts.push(n);
      n += Math.max(Math.ceil(numelOf(shape) / step), 1) * step;
    }
    this.whole = emptyArray(device, [n], "float32");
    this.whole.storage.persist();
    run(fill, [this.whole], n, 0);
    this.parts = shapes.map((shape, i) => ({
      storage: this.whole.storage.part((starts[i] as number) * 4, Math.max(numelOf(shape), 1) * 4),
      offset: 0,
      shape,
      dtype: "float32",
      strides: undefined,
    }));
  }
}

/** The parameters of a group, their gradients and their state, each end to end: what one kernel can update. */
export class FlatGroup {
  readonly params: readonly Tensor[];
  readonly parameters: FlatArrays;
  readonly gradients: FlatArrays;
  /** The state of all of them at once. */
  readonly state: ParamState;
  readonly #states: readonly ParamState[];
  readonly #arrays = new Map<string, FlatArrays>();

  /**
   * Moves parameters and state into place; undefined where that cannot be: their steps or state differ, they live on several
   * devices, or a view of the user's shares a parameter's memory.
   */
  static of(params: readonly Tensor[], states: readonly ParamState[]): FlatGroup | undefined {
    const [first] = params;
    const device = first?.place;
    if (params.length < 2 || device === undefined) return undefined;
    const names = [...(states[0]?.arrays.keys() ?? [])].join();
    const even = states.every(({ step, arrays }) => step === states[0]?.step && [...arrays.keys()].join() === names);
    const own = params.every((each) => each.place === device && !arrayOf(each).storage.isShared);
    return even && own ? new FlatGroup(device, params, states) : undefined;
  }

  private constructor(device: Device, params: readonly Tensor[], states: readonly ParamState[]) {
    const shapes = params.map(({ shape }) => shape);
    this.params = params;
    this.#states = states;
    this.parameters = new FlatArrays(device, shapes);
    this.gradients = new FlatArrays(device, shapes);
    this.state = { step: states[0]?.step ?? 0, arrays: new Map(), make: (name) => this.#addState(name) };
    for (const name of states[0]?.arrays.keys() ?? []) this.#addState(name);
    params.forEach((parameter, i) => {
      const part = this.parameters.parts[i] as NdArray;
      copyElements(contiguous(arrayOf(parameter)), part, parameter.numel);
      rehome(parameter, part);
      setGradientSlot(parameter, this.gradients.parts[i] as NdArray);
    });
  }

  /** True while the parameters are still where they were put; whoever changes the state of one gives up the whole. */
  get isIntact(): boolean {
    const { whole, parts } = this.parameters;
    for (let i = 0; i < parts.length; i++) if (this.params[i]?.array?.storage !== parts[i]?.storage) return false;
    return !whole.storage.isLost;
  }

  /** Brings the gradients into place, those that backward has not written there; false where somebody holds the place. */
  gather(): boolean {
    for (let i = 0; i < this.params.length; i++) {
      const parameter = this.params[i] as Tensor;
      const slot = this.gradients.parts[i] as NdArray;
      const gradient = parameter.grad && arrayOf(parameter.grad);
      if (gradient?.storage === slot.storage) continue;
      if (!gradient || slot.storage.isShared) return false;
      copyElements(contiguous(gradient), slot, parameter.numel);
    }
    return true;
  }

  /** Counts one step of all. */
  count(): void {
    this.state.step++;
    for (const state of this.#states) state.step++;
  }

  /** Gives up the whole; parameters, gradients and state live on where they are. */
  release(): void {
    this.gradients.parts.forEach((part, i) => {
      clearGradientSlot(this.params[i] as Tensor, part);
      part.storage.release();
    });
    for (const { whole } of [this.parameters, this.gradients, ...this.#arrays.values()]) whole.storage.release();
  }

  /** A state array of all parameters; what they have under that name moves there, else it is zero. */
  #addState(name: string): NdArray {
    const { place } = this.params[0] as Tensor;
    const flat = new FlatArrays(
      place as Device,
      this.params.map(({ shape }) => shape),
    );
    this.#arrays.set(name, flat);
    this.state.arrays.set(name, flat.whole);
    this.#states.forEach(({ arrays }, i) => {
      const part = flat.parts[i] as NdArray;
      const known = arrays.get(name);
      if (known) {
        copyElements(known, part, numelOf(part.shape));
        known.storage.release();
      }
      arrays.set(name, part);
    });
    return flat.whole;
  }
}
