import { checkInstance, describeValue } from "../base/describe-value.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { sameShape, show, type Shape } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { uniformBetween, unit } from "../random/draws.ts";
import type { Initializer } from "./initializer.ts";

/** How the weights of a layer start. */
export interface StartValues {
  /** By default uniform on ±1/√fanIn, as in PyTorch; fanIn is how many inputs an output is made of. */
  weightInit?: Initializer;
  /** By default the same. */
  biasInit?: Initializer;
}

/**
 * Uniform on ±1/√fanIn.
 * @throws ShapeError where numbers are asked for in what is no shape
 */
export function byFanIn(fanIn: number): Initializer {
  const limit = 1 / Math.sqrt(fanIn);
  return (shape) => uniformBetween(unit(shape), -limit, limit);
}

/** Throws where something else stands for an initializer, for the function of the user's that `name` names. */
export function checkInitializers(name: string, { weightInit, biasInit }: StartValues): void {
  for (const [option, init] of Object.entries({ weightInit, biasInit })) {
    if (init === undefined) continue;
    checkInstance(name, init, Function, `${option}, an initializer, as nn.init.zeros()`);
  }
}

/** The start values that an option asks for. */
export function startValue(
  name: string,
  option: keyof StartValues,
  init: Initializer,
  shape: Shape,
): Tensor {
  const value: unknown = init(shape);
  if (value instanceof Tensor && sameShape(value.shape, shape)) return value;
  if (value instanceof Tensor) {
    throw new ShapeError(`${name}: ${option} gave ${show(value.shape)}, not ${show(shape)}`);
  }
  const hint = typeof value === "function" ? "; call it, as nn.init.zeros()" : "";
  throw new ArgumentError(
    `${name}: ${option} gave ${describeValue(value)} instead of a tensor${hint}`,
  );
}
