import { compile, tensor, type Tensor } from "cotangent";
import type { Computation, Product } from "../library.ts";

export function multiply({ n, transposeA, transposeX, ...data }: Product): Computation {
  const turned = (x: Tensor, turn: boolean) => (turn ? x.transpose([1, 0]) : x);
  const product = compile((a: Tensor, x: Tensor) =>
    turned(a, transposeA).matmul(turned(x, transposeX)),
  );
  const a = tensor(data.a, [n, n]);
  const first = tensor(data.x, [n, n]);
  let x = first;
  return {
    run: (times) => {
      let next: Tensor = first;
      for (let i = 0; i < times; i++) {
        const last = next;
        next = product(a, last);
        if (last !== first) last.dispose();
      }
      if (x !== first) x.dispose();
      x = next;
    },
    element: () => x.slice([0, 0], [1, 1]).item(),
    values: async () => (await x.data()) as Float32Array,
  };
}
