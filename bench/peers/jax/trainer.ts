import { jit, nn, numpy as np, valueAndGrad, type Array as JaxArray } from "@jax-js/jax";
import type { Trainer, Training, Values } from "../../library.ts";

/** Parameters, the optimizer's averages of their gradients and squares, and the steps so far. */
type State = [p: JaxArray[], m: JaxArray[], v: JaxArray[], t: JaxArray];

// A function owns what it is given: what is used again is passed as `.ref`.

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

export const arrayOf = ({ values, shape }: Values) => np.array(values, { shape });

/** Trains by a loss of parameters, x and y, which it owns; the whole step is one compiled function. */
export function trainerOf(
  { parameters, optimizer, learningRate, ...data }: Training,
  lossOf: (p: JaxArray[], x: JaxArray, y: JaxArray) => JaxArray,
): Trainer {
  const update = optimizer === "sgd" ? sgd : adam;
  const step = jit((state: State, x: JaxArray, y: JaxArray): [JaxArray, State] => {
    const [p, ...rest] = state;
    const [loss, g] = valueAndGrad(lossOf)(
      p.map((a) => a.ref),
      x,
      y,
    );
    return [loss, update(learningRate, [p, ...rest], g)];
  });

  const moments = () =>
    optimizer === "adam" ? parameters.map(({ shape }) => np.zeros(shape)) : [];
  let state: State = [
    parameters.map(arrayOf),
    moments(),
    moments(),
    np.array(new Float32Array(1), { shape: [] }),
  ];
  const [x, y] = [arrayOf(data.x), arrayOf(data.y)];
  let loss: JaxArray | null = null;
  return {
    step: () => {
      loss?.dispose();
      [loss, state] = step(state, x.ref, y.ref);
    },
    loss: async () => (loss ? (await loss.ref.data())[0] : NaN),
  };
}

/** −Σ y log softmax(z) / batch */
export const crossEntropyOf = (z: JaxArray, y: JaxArray, batch: number) =>
  nn
    .logSoftmax(z)
    .mul(y)
    .sum()
    .mul(-1 / batch);
