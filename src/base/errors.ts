// Which class it is follows from what is wrong, in this order: that an argument is nothing of the kind that belongs
// there (ArgumentError); that a shape, an axis or a length does not fit, or is none (ShapeError); that dtypes do not fit,
// or a number and a dtype (DtypeError); that any other number, name or list is of the right kind but out of range
// (ValueError). What `compile` cannot trace is a TraceError whatever it is.

/**
 * An argument or option is of the wrong kind: something else where a tensor, a function, a list, a module, options or a
 * number belongs. The message names the function that was called, what belongs there and what was given.
 */
export class ArgumentError extends TypeError {
  override name = "ArgumentError";
}

/** A shape, axis or size does not fit. The message names the op, every operand's shape and the two numbers that clash. */
export class ShapeError extends TypeError {
  override name = "ShapeError";
}

/** A dtype does not fit: an op does not take it, or two operands do not mix without a cast. */
export class DtypeError extends TypeError {
  override name = "DtypeError";
}

/** A value is out of range: a label outside the classes, a rate that is not a number, parts of different lengths. */
export class ValueError extends RangeError {
  override name = "ValueError";
}

/** A file is damaged, or is not of the format that it is read as. */
export class FormatError extends Error {
  override name = "FormatError";
}

/** A derivative was asked for that does not exist. */
export class GradientError extends TypeError {
  override name = "GradientError";
}

/** A traced function did something that only makes sense with values: it read one, compared one, or returned a promise. */
export class TraceError extends TypeError {
  override name = "TraceError";
}

/** A tensor was used after `dispose`. */
export class DisposedError extends Error {
  override name = "DisposedError";
}

/** No device, the wrong device, or something that this device cannot do. */
export class DeviceError extends Error {
  override name = "DeviceError";
}

/** The GPU device was lost; what was on it and in no snapshot is gone. */
export class DeviceLostError extends DeviceError {
  override name = "DeviceLostError";
}

/** The GPU has no memory left for a tensor or a plan. */
export class OutOfMemoryError extends DeviceError {
  override name = "OutOfMemoryError";
}
