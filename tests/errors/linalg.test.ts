import {
  ArgumentError,
  cholesky,
  det,
  diag,
  diagonal,
  DtypeError,
  einsum,
  inner,
  inverse,
  kron,
  logDet,
  matrixPower,
  outer,
  ShapeError,
  solve,
  tensor,
  trace,
  triangularSolve,
  tril,
  triu,
  ValueError,
  zeros,
} from "cotangent";
import { describe, test } from "vitest";
import { expectRefusal, loose, type ErrorClass } from "./refuses.ts";

const x = zeros([2, 3]);
const v = zeros([3]);
const ints = zeros([3, 3], { dtype: "int32" });
const flag = tensor([true, false]);

const cases: Record<string, [ErrorClass, act: () => unknown, message: string][]> = {
  "diagonals and triangles": [
    [
      ShapeError,
      () => diagonal(v),
      "diagonal: takes matrices, the last two axes of a tensor, got [3]",
    ],
    [ShapeError, () => trace(v), "trace: takes matrices, the last two axes of a tensor, got [3]"],
    [ShapeError, () => tril(v), "tril: takes matrices, the last two axes of a tensor, got [3]"],
    [ShapeError, () => triu(v), "triu: takes matrices, the last two axes of a tensor, got [3]"],
    [ShapeError, () => diag(zeros([])), "diag: takes diagonals, the last axis of a tensor, got []"],
    [
      ShapeError,
      () => diag(zeros([1, 1, 1, 1, 1, 1, 1, 2])),
      "diag: [1, 1, 1, 1, 1, 1, 1, 2, 2] has rank 9; the highest is 8",
    ],
    [ValueError, () => diagonal(x, 0.5), "diagonal: the offset k is a whole number, got 0.5"],
    [ArgumentError, () => diag(v, loose("1")), "diag: the offset k is a whole number, got string"],
    [
      ArgumentError,
      () => diag(loose([1])),
      "diag: expected a tensor, got Array; make a tensor of it: tensor(…)",
    ],
  ],
  products: [
    [ShapeError, () => inner(x, v), "inner: the shapes [2, 3] and [3] differ"],
    [
      DtypeError,
      () => inner(flag, flag),
      'inner: takes numbers, got bool; cast it, as in x.cast("float32")',
    ],
    [
      ShapeError,
      () => outer(v, 2),
      "outer: takes vectors, the last axes of tensors, got [3] and []",
    ],
    [
      ShapeError,
      () => outer(x, zeros([3, 4])),
      "outer: the axes of the batches do not broadcast: [2, 3] and [3, 4]",
    ],
    [
      ShapeError,
      () => kron(zeros([2, 3, 3]), zeros([4, 1, 1])),
      "kron: the axes of the batches do not broadcast: [2, 3, 3] and [4, 1, 1]",
    ],
  ],
  "factors and systems": [
    [
      ShapeError,
      () => det(x),
      "det: takes square matrices, the last two axes of a tensor, got [2, 3]",
    ],
    [
      ShapeError,
      () => logDet(v),
      "logDet: takes square matrices, the last two axes of a tensor, got [3]",
    ],
    [
      ShapeError,
      () => inverse(x),
      "inverse: takes square matrices, the last two axes of a tensor, got [2, 3]",
    ],
    [
      ShapeError,
      () => cholesky(x),
      "cholesky: takes square matrices, the last two axes of a tensor, got [2, 3]",
    ],
    [
      ShapeError,
      () => matrixPower(x, 2),
      "matrixPower: takes square matrices, the last two axes of a tensor, got [2, 3]",
    ],
    [
      ShapeError,
      () => solve(x, v),
      "solve: takes square matrices, the last two axes of a tensor, got [2, 3]",
    ],
    [
      ShapeError,
      () => solve(zeros([2, 2]), v),
      "solve: matrices [2, 2] take right sides with 2 rows, got [3]",
    ],
    [
      ShapeError,
      () => triangularSolve(zeros([3, 3]), x),
      "triangularSolve: matrices [3, 3] take right sides with 3 rows, got [2, 3]",
    ],
    [
      ShapeError,
      () => solve(zeros([2, 3, 3]), zeros([4, 3, 1])),
      "solve: the axes of the batches do not broadcast: [2, 3, 3] and [4, 3, 1]",
    ],
    [
      ShapeError,
      () => solve(zeros([2, 2]), 1),
      "solve: matrices [2, 2] take right sides with 2 rows, got []",
    ],
    [
      DtypeError,
      () => det(ints),
      'det: takes float32, got int32; cast it, as in x.cast("float32")',
    ],
    [
      DtypeError,
      () => solve(ints, ints),
      'solve: takes float32, got int32; cast it, as in x.cast("float32")',
    ],
    [
      DtypeError,
      () => cholesky(ints),
      'cholesky: takes float32, got int32; cast it, as in x.cast("float32")',
    ],
    [ArgumentError, () => inverse(loose(2)), "inverse: expected a tensor, got number"],
    [ArgumentError, () => solve(loose(2), v), "solve: expected a tensor, got number"],
    [
      ValueError,
      () => matrixPower(zeros([2, 2]), 0.5),
      "matrixPower: the power is a whole number, got 0.5",
    ],
    [
      ValueError,
      () => triangularSolve(zeros([3, 3]), v, loose({ lower: true })),
      'triangularSolve: there is no option "lower"; there are upper, transpose, unitDiagonal',
    ],
    [
      ArgumentError,
      () => triangularSolve(zeros([3, 3]), v, loose({ upper: 1 })),
      "triangularSolve: upper is a boolean, got number",
    ],
  ],
  einsum: [
    [
      ArgumentError,
      () => einsum(loose(x), x),
      'einsum: the subscripts are a text, as in "ij,jk->ik", got an instance of Tensor',
    ],
    [
      ArgumentError,
      () => einsum("i", loose("i")),
      "einsum: expected a tensor or a number, got string",
    ],
    [
      ValueError,
      () => einsum("ij,jk->ik", x),
      'einsum: "ij,jk->ik" is for 2 operands, and there is 1',
    ],
    [ValueError, () => einsum("ij", x, x), 'einsum: "ij" is for 1 operand, and there are 2'],
    [
      ValueError,
      () => einsum("i1->i", x),
      'einsum: "i1" in "i1->i" is not made of letters and at most one ellipsis, "..."',
    ],
    [
      ValueError,
      () => einsum("...i...", x),
      'einsum: "...i..." in "...i..." is not made of letters and at most one ellipsis, "..."',
    ],
    [ValueError, () => einsum("ij->i->j", x), 'einsum: "ij->i->j" has more than one arrow'],
    [ShapeError, () => einsum("ijk->i", x), 'einsum: "ijk" names 3 axes, and [2, 3] has 2'],
    [ShapeError, () => einsum("i->i", x), 'einsum: "i" names 1 axis, and [2, 3] has 2'],
    [ShapeError, () => einsum("ijk...->i", x), 'einsum: "ijk..." names 3 axes, and [2, 3] has 2'],
    [
      ShapeError,
      () => einsum("ij,jk->ik", x, zeros([4, 2])),
      "einsum: the letter j has length 3 in [2, 3] and 4 in [4, 2]",
    ],
    [
      ShapeError,
      () => einsum("...,...", x, zeros([4])),
      "einsum: an axis of the ellipsis has length 3 in [2, 3] and 4 in [4]",
    ],
    [
      ShapeError,
      () => einsum("ii", x),
      "einsum: the letter i has length 2 in [2, 3] and 3 in [2, 3]",
    ],
    [
      ShapeError,
      () => einsum("ii->i", zeros([1, 3])),
      "einsum: the letter i has lengths 1 and 3 in [1, 3]",
    ],
    [
      ValueError,
      () => einsum("ij->ik", x),
      'einsum: the result of "ij->ik" has the letter k, which no operand has',
    ],
    [
      ValueError,
      () => einsum("ij->ii", x),
      'einsum: the result of "ij->ii" has the letter i twice',
    ],
    [
      ValueError,
      () => einsum("...j->j", x),
      'einsum: the result of "...j->j" leaves out the ellipsis, which stands for 1 axis',
    ],
    [
      DtypeError,
      () => einsum("i", flag),
      'einsum: takes numbers, got bool; cast it, as in x.cast("float32")',
    ],
    [
      ShapeError,
      () => einsum("abcde,fghij", zeros([1, 1, 1, 1, 2]), zeros([1, 1, 1, 1, 2])),
      "einsum: [1, 1, 1, 1, 2, 1, 1, 1, 1, 2] has rank 10; the highest is 8",
    ],
  ],
};

describe.each(Object.entries(cases))("linear algebra refuses %s", (_, refused) => {
  test.each(refused.map(([Class, act, message]) => ({ Class, act, message })))(
    "$message",
    ({ Class, act, message }) => expectRefusal(Class, act, message),
  );
});
