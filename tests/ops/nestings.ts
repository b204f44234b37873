import { evaluateComplex, interpret } from "../../src/backends/cpu/interpret.ts";
import type { HostArray } from "../../src/base/dtype.ts";
import { placeholder } from "../../src/graph/build.ts";
import {
  compile,
  grad,
  jacobian,
  jvp,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
  type Tensor,
} from "../../src/index.ts";

// Transformations of transformations, three deep, on functions of one number made of ten ops.

type F = (t: Tensor) => Tensor;

export const functions: Record<string, F> = {
  sin: (t) => t.sin(),
  exp: (t) => t.exp(),
  tanh: (t) => t.tanh(),
  mul: (t) => t.mul(t).mul(t),
  div: (t) => t.div(t.add(2)),
  pow: (t) => t.pow(2.5),
  sqrt: (t) => t.sqrt(),
  sigmoid: (t) => t.sigmoid(),
  softmax: (t) =>
    t
      .mul(tensor([1, 2, 3]))
      .softmax()
      .square()
      .sum(),
  matmul: (t) =>
    t
      .mul(tensor([[1, 2]]))
      .matmul(t.square().mul(tensor([[1], [2]])))
      .sum(),
};

/** Ways to the derivative of a function of a number. */
const ways: Record<string, (f: F) => F> = {
  grad: (f) => grad(f),
  value: (f) => (t) => valueAndGrad(f)(t)[1],
  jvp: (f) => (t) => jvp(f, [t], [1])[1],
  vjp: (f) => (t) => vjp(f, t)[1](1)[0],
  forward: (f) => jacobian(f, { mode: "forward" }),
  reverse: (f) => jacobian(f, { mode: "reverse" }),
  mapped: (f) => (t) => vmap(grad(f))(t.reshape([1])).reshape([]),
  outer: (f) => grad((t) => vmap(f)(t.reshape([1])).sum()),
  compiled: (f) => compile(grad(f)),
};
export const names = Object.keys(ways);
export const way = (i: number) => ways[names[i % names.length]];

/** Each way after each, with one of all before them. */
export const all = names.flatMap((_, i) => names.map((__, j) => [i, j, i + j] as const));
/** Three for the k-th function: of three functions in a row all ways are in every place. */
export const few = (k: number) =>
  [3 * k, 3 * k + 1, 3 * k + 2].map((i) => [i, i + 3, i + 7] as const);

export const nestings = (f: F, places: readonly (readonly [number, number, number])[]): F[] =>
  places.map(([a, b, c]) => way(a)(way(b)(way(c)(f))));

export const AT = 0.75;

/** f‴ at a place, by a complex step of f″. */
export function third(f: F): number {
  const t = placeholder({ shape: [], dtype: "float32" });
  const second = grad(grad(f))(t);
  const [{ im }] = interpret(
    [second],
    (x) => {
      if (x === t) return { re: Float64Array.of(AT), im: Float64Array.of(1e-100) };
      return { re: (x.source as { data: HostArray }).data, im: null };
    },
    evaluateComplex,
  );
  return im![0] / 1e-100;
}

/** What becomes of perturbations that are confused: x · d/dy(x + y), whose derivative is 1, and its kin. */
export const confusing: readonly [
  name: string,
  derivative: number,
  at: (inner: (f: F) => F) => F,
][] = [
  ["x · d/dy(x + y)", 1, (d) => (x) => x.mul(d((y) => x.add(y))(tensor(1)))],
  ["x · d/dy(x² y)", 27, (d) => (x) => x.mul(d((y) => x.mul(x).mul(y))(x))],
  ["x · d/dy Σ (x + y), mapped", 3, (d) => (x) => x.mul(vmap(d((y) => x.add(y)))(tensor([1, 2, 5])).sum())], // prettier-ignore
  ["Σ x · d/dy(x y), mapped over x", 12, (d) => (x) => vmap((z: Tensor) => z.mul(d((y) => z.mul(y))(z)))(x.mul(tensor([1, -1]))).sum()], // prettier-ignore
  ["d/dy Σ x y z, mapped over z", 12, (d) => (x) => x.mul(d((y) => vmap((z: Tensor) => x.mul(y).mul(z))(tensor([4, -2])).sum())(x))], // prettier-ignore
];
export const pairs = names.flatMap((_, i) => names.map((__, j) => [i, j] as const));
