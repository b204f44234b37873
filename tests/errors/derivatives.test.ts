import {
  cholesky,
  DtypeError,
  einsum,
  evaluationTrace,
  GradientError,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  matrixPower,
  ShapeError,
  tensor,
  ValueError,
  vjp,
  vmap,
  zeros,
  type Tensor,
} from "cotangent";
import { describe, test } from "vitest";
import { expectRefusal, loose, type ErrorClass } from "./refuses.ts";

// What every derivative refuses, where the call is made.

const [x, one, k] = [tensor([1, 2]), tensor([1]), tensor([1, 2], { dtype: "int32" })];
const sum = (t: Tensor) => t.sum();
const firstOf = ({ a }: { a: Tensor }) => a.sum();
const rounded = (t: Tensor) => t.cast("float32").sum();
/** Depends on t through a comparison alone. */
const flat = (t: Tensor) => t.greater(0).cast("float32").sum();
/** Passes through a value of the highest rank. */
const deep = (t: Tensor) => t.reshape([1, 1, 1, 1, 1, 1, 1, 2]).square().sum();

const alike = "they nest alike, and null stands for a part without";
const only = "only through greater, which has no derivative";
const blocked = `float32[] sum depends on argument 0, float32[2], ${only}`;
const oneMore = (first: number) =>
  "a batch of reshape [1, 1, 1, 1, 1, 1, 1, 2] has one more axis: " +
  `reshape: [${first}, 1, 1, 1, 1, 1, 1, 1, 2] has rank 9; the highest is 8`;
const integers = "int32[2] constant is an argument without derivatives: only floats have them";

const cases: Record<string, [ErrorClass, act: () => unknown, message: string][]> = {
  "tangents and cotangents of another shape or nesting": [
    [ShapeError, () => jvp(sum, [x], [one]), "jvp: tangent 0 has shape [1], its primal [2]"],
    [ShapeError, () => jvp(sum, [x], [1]), "jvp: tangent 0 has shape [], its primal [2]"],
    [
      ValueError,
      () => jvp(firstOf, [{ a: x }], loose([{ b: x }])),
      `jvp: primal 0 is an object of a, and its tangent an object of b; ${alike}`,
    ],
    [
      ValueError,
      () => jvp(firstOf, [{ a: x }], loose([x])),
      `jvp: primal 0 is an object of a, and its tangent an instance of Tensor; ${alike}`,
    ],
    [ValueError, () => jvp(sum, [x], loose([x, x])), "jvp: there are 1 primals and 2 tangents"],
    [
      DtypeError,
      () => jvp(sum, [x], [k]),
      'jvp: tangent 0 is int32, its primal float32; use cast("float32")',
    ],
    [
      ShapeError,
      () => vjp((t: Tensor) => t.mul(2), x)[1](one),
      "vjp: cotangent has shape [1], its result [2]",
    ],
    [
      ValueError,
      () => vjp((t: Tensor) => [t.mul(2), t], x)[1](loose([x])),
      `vjp: result is a list of 2, and its cotangent a list of 1; ${alike}`,
    ],
    [ShapeError, () => hvp(sum, x, one), "hvp: v has shape [1], its x [2]"],
    [
      ValueError,
      () => hvp(firstOf, { a: x }, loose({ b: x })),
      `hvp: x is an object of a, and its v an object of b; ${alike}`,
    ],
  ],
  "derivatives of integers": [
    [GradientError, () => jacobian(rounded)(k), `jacobian: ${integers}`],
    [GradientError, () => hessian(rounded)(k), `hessian: ${integers}`],
    [
      GradientError,
      () => jacobian((t: Tensor) => t.cast("int32"))(x),
      "jacobian: the function returned int32[2] cast, which is not a float, so it has no derivative",
    ],
    [
      GradientError,
      () => grad(rounded)(k),
      "grad: argument 0, int32[2], has no gradient: only floats have one",
    ],
    [
      GradientError,
      () => hvp(rounded, k, x),
      "hvp: x is int32[2] constant, and only floats have a v; give null for it",
    ],
  ],
  "mapped axes of different lengths": [
    [
      ShapeError,
      () => vmap((a: Tensor, b: Tensor) => a.add(b))(zeros([2, 3]), zeros([3])),
      "vmap: the mapped axes differ in length: 2 in argument 0, 3 in argument 1, of shape [3] along axis 0",
    ],
    [
      ShapeError,
      () => vmap(firstOf)(loose({ a: zeros([2, 3]), b: zeros([3]) })),
      "vmap: the mapped axes differ in length: 2 in argument 0, 3 in argument 0, of shape [3] along axis 0",
    ],
  ],
  "matrices that are not square, and letters that don't match": [
    [
      ShapeError,
      () => cholesky(zeros([4, 2, 3])),
      "cholesky: takes square matrices, the last two axes of a tensor, got [4, 2, 3]",
    ],
    [
      ShapeError,
      () => matrixPower(zeros([2, 3]), 2),
      "matrixPower: takes square matrices, the last two axes of a tensor, got [2, 3]",
    ],
    [
      ShapeError,
      () => einsum("ij,jk->ik", zeros([2, 3]), zeros([2, 3])),
      "einsum: the letter j has length 3 in [2, 3] and 2 in [2, 3]",
    ],
  ],
  "traces of what is no scalar": [
    [
      ShapeError,
      () => evaluationTrace((t) => t.mul(x).sum(), 1),
      "evaluationTrace: all nodes are scalars, but x2 = x1 · float32[2] constant is float32[2] mul",
    ],
  ],
  "differentiation through an op without a derivative": [
    [GradientError, () => grad(flat)(x), `grad: ${blocked}`],
    [GradientError, () => vjp(flat, x)[1](1), `vjp: ${blocked}`],
    [
      GradientError,
      () => jvp(flat, [x], [x]),
      "jvp: float32[] sum depends on primal 0 only through greater, which has no derivative",
    ],
    [GradientError, () => hvp(flat, x, x), `hvp: float32[] sum depends on x ${only}`],
    [GradientError, () => jacobian(flat)(x), `jacobian: ${blocked}`],
    [GradientError, () => hessian(flat)(x), `hessian: ${blocked}`],
    [GradientError, () => vmap(grad(flat))(zeros([3, 2])), `grad: ${blocked}`],
  ],
  "ranks above 8": [
    [ShapeError, () => vmap(deep)(zeros([5, 2])), `vmap: ${oneMore(5)}`],
    [ShapeError, () => jacobian(vmap(deep))(zeros([5, 2])), `vmap: ${oneMore(5)}`],
    [
      ShapeError,
      () => jacobian((t: Tensor) => deep(t).mul(t), { mode: "forward" })(x),
      `jacobian: ${oneMore(2)}`,
    ],
    [ShapeError, () => hessian(deep)(x), `hessian: ${oneMore(2)}`],
    [
      ShapeError,
      () => jacobian((t: Tensor) => t)(zeros([1, 1, 1, 1, 2])),
      "jacobian: [1, 1, 1, 1, 2, 1, 1, 1, 1, 2] has rank 10; the highest is 8",
    ],
    [
      ShapeError,
      () => hessian(sum)(zeros([1, 1, 1, 1, 2])),
      "hessian: [1, 1, 1, 1, 2, 1, 1, 1, 1, 2] has rank 10; the highest is 8",
    ],
  ],
};

describe.each(Object.entries(cases))("%s", (_, list) => {
  test.each(list.map(([Class, act, message]) => ({ Class, act, message })))(
    "$message",
    ({ Class, act, message }) => expectRefusal(Class, act, message),
  );
});
