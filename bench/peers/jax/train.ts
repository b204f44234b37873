import {
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  valueAndGrad,
  type Array as JaxArray,
} from "@jax-js/jax";
import { initialParameters, type Network, type Trainer } from "../../library.ts";

export async function open(): Promise<void> {
  const devices = await init("webgpu");
  if (!devices.includes("webgpu")) throw new Error("jax-js found no WebGPU");
  defaultDevice("webgpu");
}

/** Parameters, the optimizer's averages of their gradients and squares, and the steps so far. */
type State = [p: JaxArray[], m: JaxArray[], v: JaxArray[], t: JaxArray];

// A function owns what it is given: what is used again is passed as `.ref`.

function lossOf(network: Network, p: JaxArray[], x: JaxArray, y: JaxArray): JaxArray {
  const activation = network.activation === "tanh" ? np.tanh : nn.relu;
  let z = x;
  for (let i = 0; i < p.length; i += 2) {
    if (i > 0) z = activation(z);
    z = np.matmul(z, p[i]).add(p[i + 1]);
  }
  return network.loss === "mse"
    ? np.square(z.sub(y)).mean()
    : nn
        .logSoftmax(z)
        .mul(y)
        .sum()
        .mul(-1 / network.batch);
}

function sgd(rate: number, [p, m, v, t]: State, g: JaxArray[]): State {
  return [p.map((x, i) => x.sub(g[i].mul(rate))), m, v, t];
}

function adam(rate: number, [p, m, v, last]: State, g: JaxArray[]): State {
  const t = last.add(1);
  const correction = (beta: number) => np.power(beta, t.ref).mul(-1).add(1);
  const [first, second] = [correction(0.9), correction(0.999)];
  const nextM = m.map((x, i) => x.mul(0.9).add(g[i].ref.mul(0.1)));
  const nextV = v.map((x, i) => x.mul(0.999).add(np.square(g[i]).mul(0.001)));
  const nextP = p.map((x, i) => {
    const root = np.sqrt(nextV[i].ref.div(second.ref)).add(1e-8);
    return x.sub(nextM[i].ref.div(first.ref).div(root).mul(rate));
  });
  first.dispose();
  second.dispose();
  return [nextP, nextM, nextV, t];
}

export function train(network: Network): Trainer {
  const { sizes, batch, learningRate } = network;
  const update = network.optimizer === "sgd" ? sgd : adam;
  // The whole step is one compiled function.
  const step = jit((state: State, x: JaxArray, y: JaxArray): [JaxArray, State] => {
    const [p, ...rest] = state;
    const gradientOf = valueAndGrad((p: JaxArray[], x: JaxArray, y: JaxArray) =>
      lossOf(network, p, x, y),
    );
    const [loss, g] = gradientOf(
      p.map((a) => a.ref),
      x,
      y,
    );
    return [loss, update(learningRate, [p, ...rest], g)];
  });

  const start = initialParameters(network);
  const moments = () =>
    network.optimizer === "adam" ? start.map(({ shape }) => np.zeros(shape)) : [];
  let state: State = [
    start.map(({ values, shape }) => np.array(values, { shape })),
    moments(),
    moments(),
    np.array(new Float32Array(1), { shape: [] }),
  ];
  const x = np.array(network.x, { shape: [batch, sizes[0]] });
  const y = np.array(network.y, { shape: [batch, sizes[sizes.length - 1]] });
  let loss: JaxArray | null = null;
  return {
    step: () => {
      loss?.dispose();
      [loss, state] = step(state, x.ref, y.ref);
    },
    loss: async () => (loss ? (await loss.ref.data())[0] : NaN),
  };
}
