import {
  compile,
  complexStepGrad,
  evaluationTrace,
  grad,
  numericGrad,
  numericGradError,
  tensor,
  type Tensor,
} from "cotangent";

/** A function of some numbers, or of as many tensors of one shape, element by element. */
export type Formula = (...xs: Tensor[]) => Tensor;

/** The same as a function of one vector. */
const ofVector =
  (f: Formula, n: number) =>
  (x: Tensor): Tensor =>
    f(...Array.from({ length: n }, (_, i) => x.slice([i], [i + 1]).reshape([])));

/** f as the list of its assignments, with the tangents of forward mode and the adjoints of reverse mode. */
export const trace = (f: Formula, at: readonly number[]) => evaluationTrace(f, ...at);

/** How far off differences and complex steps are, by their ε. */
export const errors = (f: Formula, at: readonly number[]) =>
  numericGradError(ofVector(f, at.length), tensor(at));

/** The gradient by differences and by complex steps, in float64. */
export async function approximations(f: Formula, at: readonly number[]) {
  const [g, x] = [ofVector(f, at.length), tensor(at)];
  return {
    forwardDifferences: await numericGrad(g, x, { method: "forward" }),
    centralDifferences: await numericGrad(g, x),
    complexSteps: await complexStepGrad(g, x),
  };
}

/** All derivatives of f at many places at once, on the GPU. */
export const gradients = (f: Formula, n: number) =>
  compile(
    grad((...xs: Tensor[]) => f(...xs).sum(), { argnums: Array.from({ length: n }, (_, i) => i) }),
  );

/** Gradients at once when speed is measured. */
export const many = 2 ** 18;

/** The same inputs that many times. */
export const inputsAt = (at: readonly number[]) =>
  at.map((x) => tensor(new Float32Array(many).fill(x)));
