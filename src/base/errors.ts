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
