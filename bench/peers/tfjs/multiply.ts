import * as tf from "@tensorflow/tfjs-core";
import type { Computation, Product } from "../../library.ts";

export function multiply({ n, transposeA, transposeX, ...data }: Product): Computation {
  const a = tf.tensor(data.a, [n, n]);
  const first = tf.tensor(data.x, [n, n]);
  let x = first;
  const replace = (next: tf.Tensor) => {
    if (x !== first) x.dispose();
    x = next;
  };
  return {
    run: (times) => {
      replace(first);
      for (let i = 0; i < times; i++) replace(tf.matMul(a, x, transposeA, transposeX));
    },
    element: async () => {
      const corner = tf.slice(x, [0, 0], [1, 1]);
      const [value] = await corner.data();
      corner.dispose();
      return value;
    },
    values: () => x.data(),
  };
}
