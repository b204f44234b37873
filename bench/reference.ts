import type { Network, Product } from "./library.ts";

// Plain float64 JavaScript, written for nobody's speed: what the libraries' results are held against.

/** op(A) op(B) of matrices [rows, inner] and [inner, cols] as they are after op. */
function multiplied(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [rows, inner, cols]: readonly [number, number, number],
  turn: { a?: boolean; b?: boolean } = {},
): Float64Array {
  const c = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = turn.a ? a[k * rows + i] : a[i * inner + k];
      if (factor === 0) continue;
      for (let j = 0; j < cols; j++) {
        c[i * cols + j] += factor * (turn.b ? b[j * inner + k] : b[k * cols + j]);
      }
    }
  }
  return c;
}

/** The loss of the outputs z, and ∂loss/∂z. */
function lossAndGradient({ loss, batch, y }: Network, z: Float64Array) {
  const outputs = z.length / batch;
  if (loss === "mse") {
    const dz = z.map((value, i) => (2 * (value - y[i])) / z.length);
    return { value: z.reduce((sum, v, i) => sum + (v - y[i]) ** 2, 0) / z.length, dz };
  }
  let value = 0;
  const dz = new Float64Array(z.length);
  for (let start = 0; start < z.length; start += outputs) {
    const row = z.subarray(start, start + outputs);
    const max = Math.max(...row);
    const logSum = max + Math.log(row.reduce((sum, v) => sum + Math.exp(v - max), 0));
    row.forEach((v, j) => {
      value += (y[start + j] * (logSum - v)) / batch;
      dz[start + j] = (Math.exp(v - logSum) - y[start + j]) / batch;
    });
  }
  return { value, dz };
}

/** The losses of the first steps of a training. */
export function lossesOf(network: Network, steps: number): number[] {
  const { sizes, batch, learningRate, optimizer, activation } = network;
  const layers = network.layers.map(({ weight, bias }) => ({
    weight: Float64Array.from(weight),
    bias: Float64Array.from(bias),
  }));
  const moments = layers.map(({ weight, bias }) =>
    [weight, bias].map((p) => ({
      m: new Float64Array(p.length),
      v: new Float64Array(p.length),
    })),
  );
  const tanh = activation === "tanh";

  const oneStep = (t: number): number => {
    const inputs: Float64Array[] = [Float64Array.from(network.x)];
    layers.forEach(({ weight, bias }, i) => {
      const z = multiplied(inputs[i], weight, [batch, sizes[i], sizes[i + 1]]).map(
        (value, at) => value + bias[at % bias.length],
      );
      const last = i === layers.length - 1;
      inputs.push(last ? z : z.map((value) => (tanh ? Math.tanh(value) : Math.max(value, 0))));
    });
    const { value, dz } = lossAndGradient(network, inputs[layers.length]);
    let d = dz;
    for (let i = layers.length - 1; i >= 0; i--) {
      const [input, { weight, bias }] = [inputs[i], layers[i]];
      const dWeight = multiplied(input, d, [sizes[i], batch, sizes[i + 1]], { a: true });
      const dBias = bias.map((_, j) => {
        let sum = 0;
        for (let at = j; at < d.length; at += bias.length) sum += d[at];
        return sum;
      });
      if (i > 0) {
        d = multiplied(d, weight, [batch, sizes[i + 1], sizes[i]], { b: true }).map(
          (g, at) => g * (tanh ? 1 - input[at] ** 2 : Number(input[at] > 0)),
        );
      }
      update(weight, dWeight, moments[i][0], t);
      update(bias, dBias, moments[i][1], t);
    }
    return value;
  };

  const update = (
    p: Float64Array,
    gradient: Float64Array,
    { m, v }: { m: Float64Array; v: Float64Array },
    t: number,
  ) =>
    gradient.forEach((g, i) => {
      if (optimizer === "sgd") {
        p[i] -= learningRate * g;
        return;
      }
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      p[i] -=
        (learningRate * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    });

  return Array.from({ length: steps }, (_, i) => oneStep(i + 1));
}

/** Elements of op(A) op(x), at these places. */
export const elementsOf = (
  { n, transposeA, transposeX, a, x }: Product,
  places: readonly number[],
): number[] =>
  places.map((place) => {
    const [row, col] = [Math.floor(place / n), place % n];
    let sum = 0;
    for (let k = 0; k < n; k++) {
      sum += a[transposeA ? k * n + row : row * n + k] * x[transposeX ? col * n + k : k * n + col];
    }
    return sum;
  });
