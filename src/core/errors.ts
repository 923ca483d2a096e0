/**
 * The base of every error that torchlet throws, but for `RangeError` (a value out of range) and `TypeError` (a wrong type).
 * A message names the operation, what was expected, what came, and the way out where there is one. `error.name` is the class's
 * name, also in minified code.
 *
 * @category Errors
 */
export class TorchletError extends Error {
  static {
    this.prototype.name = "TorchletError";
  }
}

/**
 * Shapes that do not fit an operation, a module or a state: operands that do not broadcast, inner sizes that differ, ragged
 * data, a state whose names or sizes are not the model's. The message shows both shapes; `reshape`, `unsqueeze` or another layer
 * size mends it.
 *
 * @category Errors
 */
export class ShapeError extends TorchletError {
  static {
    this.prototype.name = "ShapeError";
  }
}

/**
 * A dtype that an operation does not take (the message names the one it does; convert with `x.to("float32")`), or values that do
 * not fit a dtype.
 *
 * @category Errors
 */
export class DTypeError extends TorchletError {
  static {
    this.prototype.name = "DTypeError";
  }
}

/**
 * A device that is missing, not made ready by `init`, or mixed with another one in a single operation (move one operand with
 * `to`); or elements asked of a GPU at once (await `x.cpu()`, `model.cpu()` or `x.data()`).
 *
 * @category Errors
 */
export class DeviceError extends TorchletError {
  static {
    this.prototype.name = "DeviceError";
  }
}

/**
 * The GPU was lost while work was under way, and with it what lived there alone. `fit` mends it by itself; a loop of one's own
 * calls `init` again, makes model and optimizer anew and loads their last saved states.
 *
 * @category Errors
 */
export class DeviceLostError extends DeviceError {
  static {
    this.prototype.name = "DeviceLostError";
  }
}

/**
 * The device or the host has no room for what was asked; nothing that existed before has changed. Also thrown by `backward`
 * where a graph was over the device's budget. A smaller batch helps, and `noGrad` around what needs no gradient.
 *
 * @category Errors
 */
export class OutOfMemoryError extends TorchletError {
  static {
    this.prototype.name = "OutOfMemoryError";
  }
}

/**
 * A gradient was asked of a graph that cannot give one (any more): there is none, it was used already (pass
 * `{ retainGraph: true }` the first time), or a tensor it needs was changed in place; or a tensor that is no leaf was given where
 * a leaf is expected.
 *
 * @category Errors
 */
export class GraphError extends TorchletError {
  static {
    this.prototype.name = "GraphError";
  }
}

/**
 * A data set that is missing (the message says where was looked and how to get it), incomplete or inconsistent, a loader that
 * gives no batch, a file that cannot be read or written, or a checkpoint of another run.
 *
 * @category Errors
 */
export class DataError extends TorchletError {
  static {
    this.prototype.name = "DataError";
  }
}

/**
 * A loss or a weight became NaN or infinite: `fit` ends, and names the step and the first layer where it shows. Look at the data,
 * or lower the learning rate; `checkFinite: false` trains on. The last checkpoint is good.
 *
 * @category Errors
 */
export class NonFiniteError extends TorchletError {
  static {
    this.prototype.name = "NonFiniteError";
  }
}

/**
 * A tensor was read after its memory had been given back: it is larger than 64 KiB and two optimizer steps old, was made inside
 * a module and not returned, or was disposed of. Call `keep` on it when it is made.
 *
 * @category Errors
 */
export class StaleTensorError extends TorchletError {
  static {
    this.prototype.name = "StaleTensorError";
  }
}

/**
 * Bytes that break their file format: safetensors, IDX or gzip. `code` names the broken rule, `offset` the byte where it shows.
 *
 * @category Errors
 */
export class FormatError extends TorchletError {
  /** The broken rule, as `idx-magic` or `InvalidOffset`: those that `decodeIdx` and `parse` list. */
  readonly code: string;
  /** The byte of the file where it shows, from 0. */
  readonly offset: number;

  static {
    this.prototype.name = "FormatError";
  }

  /**
   * An error of a parser.
   *
   * @param code the broken rule
   * @param offset the byte where it shows, from 0
   * @param message one sentence
   */
  constructor(code: string, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}
