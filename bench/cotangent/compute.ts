import { cholesky, compile, inverse, layerNorm, sort, type Tensor } from "cotangent";
import type { Computation, Task } from "../library.ts";
import { tensorOf } from "./trainer.ts";

const functions: Record<Task["name"], (...inputs: Tensor[]) => Tensor> = {
  chain: (x) => x.mul(1.1).add(0.2).gelu({ approximate: "tanh" }).mul(x.sigmoid()),
  sum: (x) => x.sum(),
  meanOfRows: (x) => x.mean(-1),
  meanOfColumns: (x) => x.mean(0),
  softmax: (x) => x.softmax(-1),
  layerNorm: (x, weight, bias) => layerNorm(x, -1).mul(weight).add(bias),
  product: (a, b) => a.matmul(b),
  sort: (x) => sort(x),
  inverse: (x) => inverse(x),
  cholesky: (x) => cholesky(x),
  mlp: (x, ...parameters) => {
    let y = x;
    for (let i = 0; i < parameters.length; i += 2) {
      if (i > 0) y = y.relu();
      y = y.matmul(parameters[i]).add(parameters[i + 1]);
    }
    return y;
  },
};

export function compute({ name, inputs }: Task): Computation {
  const f = compile(functions[name]);
  const args = inputs.map(tensorOf);
  let y: Tensor | null = null;
  return {
    run: (times) => {
      for (let i = 0; i < times; i++) {
        y?.dispose();
        y = f(...args);
      }
    },
    element: () => y!.reshape([-1]).slice([0], [1]).item(),
    values: async () => (await y!.data()) as Float32Array,
  };
}
