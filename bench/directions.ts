import { concat, stack, tensor, variable, type Tensor } from "cotangent";

/** A function of growing size, and what it is called with. */
interface Grown {
  fn: (...args: Tensor[]) => Tensor | Tensor[];
  args: Tensor[];
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const numbers = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i));
const sum = (xs: Tensor[]) => xs.reduce((a, b) => a.add(b));

const scalar = tensor([0.5]);
const vector = tensor(numbers(1000));
const matrix = tensor(numbers(32 * 32), [32, 32]);

/** Graphs by what there is more and more of in them. */
export const directions: Record<string, (n: number) => Grown> = {
  "pieces of a stack, computed": (n) => ({
    fn: (x) => stack(upTo(n).map((i) => x.mul(i + 1).sin())).sum(),
    args: [scalar],
  }),
  "pieces of a stack, stored": (n) => ({
    fn: (x) => stack(upTo(n).map((i) => x.mul(i + 1))),
    args: [vector],
  }),
  "pieces of a concat": (n) => ({
    fn: (...xs) => concat(xs).sum(),
    args: upTo(n).map((i) => tensor([1, 2, 3, 4, i])),
  }),
  "pieces of a concat, in turn": (n) => ({
    fn: (x) => upTo(n).reduce((a: Tensor) => concat([a.slice([1]), a.slice([0], [1]).neg()]), x),
    args: [vector],
  }),
  branches: (n) => ({ fn: (x) => sum(upTo(n).map((i) => x.mul(i + 1).tanh())), args: [vector] }),
  depth: (n) => ({
    fn: (x) => upTo(n).reduce((a: Tensor) => a.mul(1.01).sin(), x),
    args: [vector],
  }),
  "fan-out": (n) => ({
    fn: (x) => {
      const y = x.tanh();
      return upTo(n).map((i) => y.add(i).sum());
    },
    args: [vector],
  }),
  "distinct shapes": (n) => ({
    fn: (x) =>
      sum(
        upTo(n).map((i) =>
          x
            .slice([0], [10 + i])
            .tanh()
            .max(),
        ),
      ),
    args: [vector],
  }),
  outputs: (n) => ({ fn: (x) => upTo(n).map((i) => x.add(i).exp()), args: [vector] }),
  assignments: (n) => {
    const variables = upTo(n).map((i) => variable(numbers(10 + i)));
    return {
      fn: (x) => {
        for (const w of variables) w.assign(w.mul(0.9).add(x.slice([0], [w.size])));
        return x;
      },
      args: [vector],
    };
  },
  "reductions in a row": (n) => ({
    fn: (x) => upTo(n).reduce((a: Tensor) => a.sub(a.mean(-1, { keepDims: true })).mul(1.1), x),
    args: [matrix],
  }),
  "products in a row": (n) => ({
    fn: (x) => upTo(n).reduce((a: Tensor) => a.matmul(x).tanh(), x),
    args: [matrix],
  }),
  slices: (n) => ({
    fn: (x) => sum(upTo(n).map((i) => x.slice([i], [i + 500]))),
    args: [vector],
  }),
  broadcasts: (n) => ({
    fn: (x) =>
      upTo(n).reduce(
        (a: Tensor, i) =>
          a.add(x.slice([i % 32], [(i % 32) + 1])).mul(x.slice([0, i % 32], [32, (i % 32) + 1])),
        x,
      ),
    args: [matrix],
  }),
  constants: (n) => {
    const constants = upTo(n).map((i) => tensor(numbers(1000 + i)).slice([i], [1000 + i]));
    return { fn: (x) => constants.reduce((a, c) => a.add(c), x), args: [vector] };
  },
};
