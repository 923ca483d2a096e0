/** The base of every error that torchlet throws, but for `RangeError` (a value out of range) and `TypeError` (a wrong type). */
export class TorchletError extends Error {
  static {
    this.prototype.name = "TorchletError";
  }
}

/** Shapes that do not fit an operation or a module. */
export class ShapeError extends TorchletError {
  static {
    this.prototype.name = "ShapeError";
  }
}

/** A dtype that an operation does not take, or values that do not fit a dtype. */
export class DTypeError extends TorchletError {
  static {
    this.prototype.name = "DTypeError";
  }
}

/** A device that is missing, not initialised, or mixed with another one in a single operation. */
export class DeviceError extends TorchletError {
  static {
    this.prototype.name = "DeviceError";
  }
}

/** The device was lost while work was under way. */
export class DeviceLostError extends DeviceError {
  static {
    this.prototype.name = "DeviceLostError";
  }
}

/** The device has no room for what was asked; nothing that existed before has changed. */
export class OutOfMemoryError extends TorchletError {
  static {
    this.prototype.name = "OutOfMemoryError";
  }
}

/** A gradient was asked of a graph that cannot give one (any more). */
export class GraphError extends TorchletError {
  static {
    this.prototype.name = "GraphError";
  }
}

/** A data set that is missing, incomplete or inconsistent. */
export class DataError extends TorchletError {
  static {
    this.prototype.name = "DataError";
  }
}

/** A value became NaN or infinite where training cannot go on with it. */
export class NonFiniteError extends TorchletError {
  static {
    this.prototype.name = "NonFiniteError";
  }
}

/** An intermediate result was read after its memory had been given to something else. */
export class StaleTensorError extends TorchletError {
  static {
    this.prototype.name = "StaleTensorError";
  }
}

/** Bytes that break their file format: `code` names the broken rule, `offset` the byte where it shows. */
export class FormatError extends TorchletError {
  readonly code: string;
  readonly offset: number;

  static {
    this.prototype.name = "FormatError";
  }

  constructor(code: string, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}
