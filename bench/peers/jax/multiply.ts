import { jit, numpy as np, type Array as JaxArray } from "@jax-js/jax";
import type { Computation, Product } from "../../library.ts";

export function multiply({ n, transposeA, transposeX, ...data }: Product): Computation {
  const turned = (x: JaxArray, turn: boolean) => (turn ? x.transpose() : x);
  const product = jit((a: JaxArray, x: JaxArray) =>
    np.matmul(turned(a, transposeA), turned(x, transposeX)),
  );
  const a = np.array(data.a, { shape: [n, n] });
  const first = np.array(data.x, { shape: [n, n] });
  let x = first.ref;
  return {
    run: (times) => {
      x.dispose();
      x = first.ref;
      for (let i = 0; i < times; i++) x = product(a.ref, x);
    },
    element: async () => (await x.ref.slice(0, 0).data())[0],
    values: async () => x.ref.data(),
  };
}
