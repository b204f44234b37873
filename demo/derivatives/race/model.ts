import {
  compile,
  det,
  grad,
  hessian,
  norm,
  optim,
  solve,
  stack,
  trace,
  variable,
  vmap,
  type Tensor,
} from "cotangent";

/** A height at a place of the plane, [2]. */
export type Height = (place: Tensor) => Tensor;

const rolling = (f: Height, start: Tensor, learningRate: number, momentum: number) => {
  const x = variable(start);
  const optimizer = optim.sgd([x], { learningRate, momentum });
  return compile(() => {
    optimizer.minimize(f(x));
    return x.mul(1);
  });
};

/** x ← x − λ ∇f(x) */
export const gradientDescent = (f: Height, start: Tensor, rate: number) =>
  rolling(f, start, rate, 0);

/** m ← μ m + ∇f(x), x ← x − λ m */
export const momentum = rolling;

/** x ← x − H⁻¹ ∇f(x), to where the parabola that fits at x is level. */
export function newton(f: Height, start: Tensor) {
  const x = variable(start);
  return compile(() => {
    x.assign(x.sub(solve(hessian(f)(x), grad(f)(x))));
    return x.mul(1);
  });
}

/** At each of some places, [n, 2]: the height, how far Newton's step from there goes, and the Hessian's determinant and trace. */
export const survey = (f: Height) =>
  compile(
    vmap((x: Tensor) => {
      const h = hessian(f)(x);
      return stack([f(x), norm(solve(h, grad(f)(x))), det(h), trace(h)]);
    }),
  );
