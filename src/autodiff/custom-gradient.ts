import { wasAsync } from "../base/async.ts";
import { checkInstance, describeValue } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import {
  ArgumentError,
  DtypeError,
  GradientError,
  ShapeError,
  TraceError,
} from "../base/errors.ts";
import { checkList, sameShape, show } from "../base/shape.ts";
import { instantiate } from "../graph/body.ts";
import { applyAll, placeholder, scalar, withOp, type TensorLike } from "../graph/build.ts";
import { bodyOf } from "../graph/canonical.ts";
import { keepingHistory } from "../graph/history.ts";
import { identity } from "../graph/identity.ts";
import type { CompositeOp } from "../graph/op.ts";
import { checkTensor, describe, newestId, Tensor } from "../graph/tensor.ts";
import { broadcastTo, sum } from "../ops/broadcast.ts";
import { capturedBy, isOuter } from "./captured.ts";
import { pullBack } from "./pull-back.ts";

const NAME = "customGradient";

interface CustomGradientAttrs {
  /** The inputs that have gradients, in order; those of the others are zeros. */
  given: readonly number[];
}

/** Its first body gives the value, the second the gradients, from the inputs and g. */
const op: CompositeOp<CustomGradientAttrs> = {
  kind: "composite",
  name: NAME,
  infer: (_, __, [{ outputs }]) => outputs[0],
  derivative: {
    kind: "pullback",
    pull(g, inputs, { given }, [, gradient]) {
      const found = instantiate(gradient, [...inputs, g]);
      return inputs.map((_, i) => found[given.indexOf(i)] ?? null);
    },
  },
  decompose: (inputs, _, [value]) => instantiate(value, inputs)[0],
  // An input that all examples share has the sum of their gradients.
  batch(inputs, mapped, attrs, [value, gradient], batchBody) {
    const shared = (dx: Tensor, i: number) => (mapped[attrs.given[i]] ? dx : sum(dx, 0));
    const bodies = [
      batchBody(value, mapped),
      batchBody(gradient, [...mapped, true], (found) => found.map(shared)),
    ];
    return applyAll(op, inputs, attrs, bodies)[0];
  },
};

/** What a function with a gradient of its own returns. */
export interface WithGradient {
  /** What the function gives. */
  value: Tensor;
  /**
   * The gradient for each argument from g, the one for the value, which has its shape: of the argument's shape, or null
   * for zeros. It may use the arguments and what the value was computed from, and has to be linear in g for forward
   * mode.
   * @param g the cotangent of the value, of its shape
   * @returns a gradient for each argument, of its shape; null for zero
   */
  gradient(g: Tensor): readonly (Tensor | null)[];
}

/**
 * The function that computes what f computes and is differentiated as f says. f is given one tensor for each argument
 * and returns { value, gradient }; it is called once for each call, and so is `gradient`.
 *
 * Second derivatives are those of the graph that `gradient` makes. Forward mode transposes that graph, since g ↦ gradient
 * is a linear map and the differential its transpose; where it is not linear, as in a clipped gradient, jvp throws a
 * GradientError.
 *
 * What f reads of its closure gets no gradient, so floats there are a GradientError, a variable's value too: they have to
 * be arguments, or go through `stopGradient`. Integers and booleans may be read.
 * @param f gives a value, and the function that makes gradients of its cotangent
 * @returns a function of the arguments of f that gives the value
 * @throws GradientError where f reads a variable or a differentiable tensor from its closure
 * @throws ShapeError where a gradient has another shape than its argument
 * @throws DtypeError where a gradient is not float32
 */
export const customGradient = withOp(
  <A extends Tensor[]>(
    f: (...args: A) => WithGradient,
  ): ((...args: { [K in keyof A]: TensorLike }) => Tensor) => {
    checkInstance(NAME, f, Function, "a function");
    return (...args) => {
      const xs = args.map((x: TensorLike) => {
        if (typeof x === "number") return scalar(x);
        checkTensor(NAME, x);
        return x.value;
      });
      return keepingHistory(() => applied(f as (...args: Tensor[]) => WithGradient, xs));
    };
  },
  op,
);

function applied(f: (...args: Tensor[]) => WithGradient, args: readonly Tensor[]): Tensor {
  const oldest = newestId();
  const xs = args.map((arg) => {
    const x = identity(arg);
    x.depth = NaN; // so that a long chain is not evaluated while it is traced
    return x;
  });
  const result = checkResult(f(...xs));
  const value = result.value.value;
  const g = placeholder(value);
  const gradients = checkGradients(result.gradient(g), xs);
  const given = gradients.flatMap((dx, i) => (dx ? [i] : []));
  const found = gradients.filter((dx) => dx !== null);
  const inner = new Set([...xs, g]);
  const captured = capturedBy([value, ...found], inner, oldest);
  checkCaptured([value, ...found], inner, captured, oldest);
  const inputs = [...xs, ...captured];
  const bodies = [bodyOf(inputs, [value]), bodyOf([...inputs, g], found)];
  const [y] = applyAll(op, [...args, ...captured], { given } satisfies CustomGradientAttrs, bodies);
  return y;
}

function checkResult(result: unknown): WithGradient {
  if (wasAsync(result)) {
    throw new TraceError(`${NAME}: the function is async; return { value, gradient } itself`);
  }
  const given = result as WithGradient | null | undefined;
  if (!(given?.value instanceof Tensor) || typeof given.gradient !== "function") {
    throw new ArgumentError(
      `${NAME}: the function must return { value, gradient }, a tensor and a function; got ${describeValue(result)}`,
    );
  }
  if (!isFloat(given.value.dtype)) {
    throw new GradientError(
      `${NAME}: the value is ${describe(given.value)}, and only floats have a gradient`,
    );
  }
  return given;
}

function checkGradients(gradients: readonly unknown[], xs: readonly Tensor[]): (Tensor | null)[] {
  checkList(NAME, "gradients are a list, one for each argument", gradients);
  if (gradients.length !== xs.length) {
    throw new ArgumentError(
      `${NAME}: there are ${xs.length} arguments and ${gradients.length} gradients; null stands for zeros`,
    );
  }
  return gradients.map((dx, i) => (dx === null ? null : checkGradient(dx, xs[i], i)));
}

function checkGradient(dx: unknown, x: Tensor, i: number): Tensor {
  const of = `argument ${i}`;
  if (!(dx instanceof Tensor)) {
    throw new ArgumentError(
      `${NAME}: the gradient of ${of} is a tensor or null, got ${describeValue(dx)}`,
    );
  }
  if (!isFloat(x.dtype)) {
    throw new GradientError(
      `${NAME}: ${of} is ${x.dtype}, which has no gradient; return null for it`,
    );
  }
  if (!sameShape(dx.shape, x.shape)) {
    throw new ShapeError(
      `${NAME}: ${of} has shape ${show(x.shape)}, its gradient ${show(dx.shape)}`,
    );
  }
  if (dx.dtype !== x.dtype) {
    throw new DtypeError(`${NAME}: ${of} is ${x.dtype}, its gradient ${dx.dtype}`);
  }
  return dx.value;
}

/** Throws where a derivative would reach a tensor of the closure. */
function checkCaptured(
  roots: readonly Tensor[],
  inner: ReadonlySet<Tensor>,
  captured: readonly Tensor[],
  oldest: number,
): void {
  const floats = captured.filter((x) => isOuter(x, oldest) && isFloat(x.dtype));
  if (floats.length === 0) return;
  const ones = roots.map((y) => [y, broadcastTo(scalar(1), y.shape)] as const);
  const { cotangents } = pullBack(ones, floats, new Set([...inner, ...captured]));
  const read = floats.find((x) => cotangents.get(x));
  if (!read) return;
  throw new GradientError(
    `${NAME}: the function reads ${describe(read)} from its closure, where no gradient reaches it; ` +
      "pass it as an argument, or wrap it in stopGradient()",
  );
}
