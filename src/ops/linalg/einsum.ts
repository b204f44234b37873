import { isFloat } from "../../base/dtype.ts";
import { ShapeError } from "../../base/errors.ts";
import { checkShape, show, type Shape } from "../../base/shape.ts";
import type { TensorLike } from "../../graph/build.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { mul } from "../arithmetic.ts";
import { sum } from "../broadcast.ts";
import { matmul } from "../matmul.ts";
import { reshape, transpose } from "../movement.ts";
import { diagonal } from "./diagonal.ts";
import { readNotation } from "./einsum-notation.ts";
import { numbersOf } from "./matrices.ts";

/** A tensor whose axes have names, each its own. */
interface Named {
  x: Tensor;
  names: readonly string[];
}

/** The length of the axes of each name. */
type Lengths = ReadonlyMap<string, number>;

/**
 * Einstein's sums in NumPy's notation: letters name the axes of the operands and of the result, and what is not in the
 * result is summed over, as in einsum("ij,jk->ik", a, b). A letter that repeats within an operand takes its diagonal;
 * an ellipsis stands for any axes, which broadcast; without an arrow the result has the letters that occur once, by the
 * alphabet, behind the axes of the ellipsis. An axis of length 1 broadcasts.
 *
 * Several operands are multiplied two at a time, the smallest product first, by matrix products where something is
 * summed over.
 * @param subscripts the axes of each operand, and after an arrow those of the result
 * @param operands numbers, as many as the subscripts name
 * @returns of the axes after the arrow
 * @throws ValueError where the subscripts are no such text
 * @throws ShapeError where they do not fit the operands, or a letter has two lengths
 * @throws DtypeError where operands are bool, or do not mix
 */
export function einsum(subscripts: string, ...operands: readonly TensorLike[]): Tensor {
  const tensors = numbersOf("einsum", operands);
  const shapes = tensors.map((x) => x.shape);
  const { inputs, output } = readNotation(subscripts, shapes);
  const lengths = lengthsOf(inputs, shapes);
  const open = tensors.map((x, i) => stretched(withoutRepeats({ x, names: inputs[i] }), lengths));
  while (open.length > 1) {
    const [i, j] = smallestPair(open, output, lengths);
    const [[b], [a]] = [open.splice(j, 1), open.splice(i, 1)];
    open.push(product(a, b, neededBy(open, output), lengths));
  }
  return arranged(open[0], output);
}

function lengthsOf(inputs: readonly string[][], shapes: readonly Shape[]): Lengths {
  const lengths = new Map<string, number>();
  const from = new Map<string, Shape>();
  inputs.forEach((names, i) => {
    names.forEach((name, axis) => {
      const n = shapes[i][axis];
      const known = lengths.get(name) ?? 1;
      if (known !== 1 && n !== 1 && n !== known) {
        const what = /[a-z]/i.test(name) ? `the letter ${name}` : "an axis of the ellipsis";
        throw new ShapeError(
          `einsum: ${what} has length ${known} in ${show(from.get(name)!)} and ${n} in ${show(shapes[i])}`,
        );
      }
      if (known !== 1 || n === 1) return;
      lengths.set(name, n);
      from.set(name, shapes[i]);
    });
  });
  for (const name of inputs.flat()) if (!lengths.has(name)) lengths.set(name, 1);
  return lengths;
}

/** The diagonals along axes of the same name. */
function withoutRepeats({ x, names }: Named): Named {
  const second = names.findIndex((name, axis) => names.indexOf(name) < axis);
  if (second < 0) return { x, names };
  const first = names.indexOf(names[second]);
  if (x.shape[first] !== x.shape[second]) {
    throw new ShapeError(
      `einsum: the letter ${names[second]} has lengths ${x.shape[first]} and ${x.shape[second]} in ${show(x.shape)}`,
    );
  }
  const others = names.flatMap((_, axis) => (axis === first || axis === second ? [] : [axis]));
  return withoutRepeats({
    x: diagonal(transpose(x, [...others, first, second])),
    names: [...others, first].map((axis) => names[axis]),
  });
}

/** Without axes of length 1 whose name stands for more: products broadcast what is not there. */
function stretched({ x, names }: Named, lengths: Lengths): Named {
  const kept = names.filter((name, axis) => x.shape[axis] === lengths.get(name));
  return {
    x: reshape(
      x,
      kept.map((name) => lengths.get(name)!),
    ),
    names: kept,
  };
}

const neededBy = (others: readonly Named[], output: readonly string[]): Set<string> =>
  new Set([...output, ...others.flatMap(({ names }) => names)]);

/** How many elements there are along some axes. */
const sizeAlong = (names: readonly string[], lengths: Lengths) =>
  names.reduce((n, name) => n * lengths.get(name)!, 1);

/** The places of the two tensors whose product has the fewest elements, the first of those that are alike. */
function smallestPair(
  open: readonly Named[],
  output: readonly string[],
  lengths: Lengths,
): [number, number] {
  let best: [number, number] = [0, 1];
  let least = Infinity;
  open.forEach((a, i) => {
    open.slice(0, i).forEach((b, j) => {
      const needed = neededBy(
        open.filter((x) => x !== a && x !== b),
        output,
      );
      const names = [...new Set([...a.names, ...b.names])].filter((name) => needed.has(name));
      const size = sizeAlong(names, lengths);
      if (size >= least) return;
      least = size;
      best = [j, i];
    });
  });
  return best;
}

/** The product of two tensors, summed over the axes that nobody needs. */
function product(a: Named, b: Named, needed: ReadonlySet<string>, lengths: Lengths): Named {
  const shared = a.names.filter((name) => b.names.includes(name));
  const own = ({ names }: Named) =>
    names.filter((name) => !shared.includes(name) && needed.has(name));
  const batch = shared.filter((name) => needed.has(name));
  const summed = shared.filter((name) => !needed.has(name));
  const [rows, columns] = [own(a), own(b)];
  const names = [...batch, ...rows, ...columns];
  const shape = checkShape(
    "einsum",
    names.map((name) => lengths.get(name)!),
  );
  const size = (some: readonly string[]) => sizeAlong(some, lengths);
  // [batch, rows, summed] and [batch, columns, summed]
  const left = reshape(arranged(a, [...batch, ...rows, ...summed]), [
    size(batch),
    size(rows),
    size(summed),
  ]);
  const right = reshape(arranged(b, [...batch, ...columns, ...summed]), [
    size(batch),
    size(columns),
    size(summed),
  ]);
  return { x: reshape(multiplied(left, right, summed.length > 0), shape), names };
}

/** Σₛ aᵢₛ bⱼₛ; by a matrix product where there is something to sum, and rows or columns to share it. */
function multiplied(a: Tensor, b: Tensor, sums: boolean): Tensor {
  const [[count, rows, length], columns] = [a.shape, b.shape[1]];
  if (sums && isFloat(a.dtype) && (rows > 1 || columns > 1)) {
    return matmul(a, b, { transposeB: true });
  }
  const all = mul(reshape(a, [count, rows, 1, length]), reshape(b, [count, 1, columns, length]));
  return sums ? sum(all, 3) : reshape(all, [count, rows, columns]);
}

/** Sums away the axes that are not in `to`, and puts the others in its order. */
function arranged({ x, names }: Named, to: readonly string[]): Tensor {
  const gone = names.flatMap((name, axis) => (to.includes(name) ? [] : [axis]));
  const kept = names.filter((name) => to.includes(name));
  return transpose(
    gone.length > 0 ? sum(x, gone) : x,
    to.map((name) => kept.indexOf(name)),
  );
}
