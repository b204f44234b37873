import { init } from "cotangent";
import { expect, test } from "vitest";
import * as own from "../../bench/cotangent/library.ts";
import { block, classifier, convNet, definite, product, tinyNet } from "../../bench/data.ts";
import { train, type Network, type Task } from "../../bench/library.ts";

const how = { activation: "gelu", optimizer: "adam", learningRate: 0.01 } as const;

const networks: Record<string, Network> = {
  mlp: classifier(4),
  "tiny net": tinyNet(how),
  cnn: convNet(2),
  "transformer block": block(8, 16),
};

test.each(Object.keys(networks))("what is trained learns: %s", async (name) => {
  using device = await init({ backend: "cpu" });
  expect(device.info.backend).toBe("cpu");
  const trainer = train(own, networks[name])!;
  const losses: number[] = [];
  for (let i = 0; i < 4; i++) {
    trainer.step();
    losses.push(await trainer.loss());
  }
  expect(losses.toSorted((a, b) => b - a)).toEqual(losses);
  expect(losses[3]).toBeLessThan(0.99 * losses[0]);
});

test.each(["NN", "NT", "TN", "TT"])("elements of a product %s", async (turns) => {
  using device = await init({ backend: "cpu" });
  expect(device.info.backend).toBe("cpu");
  const n = 5;
  const turned = turns.split("").map((turn) => turn === "T");
  const data = product(n, turned[0], turned[1]);
  const multiplier = own.multiply(data);
  await multiplier.run(1);
  const at = (x: Float32Array, turn: boolean, i: number, j: number) =>
    x[turn ? j * n + i : i * n + j];
  const expected = Array.from({ length: n * n }, (_, place) => {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      sum += at(data.a, turned[0], Math.floor(place / n), k) * at(data.x, turned[1], k, place % n);
    }
    return sum;
  });
  const values = await multiplier.values();
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
});

const x = { values: Float32Array.of(1, 2, 3, -4), shape: [2, 2] };
const ones = { values: Float32Array.of(1, 1), shape: [2] };
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const gelu = (x: number) =>
  (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const soft = [sigmoid(-1), sigmoid(1), sigmoid(7), sigmoid(-7)];

const tasks: readonly (Task & { expected: number[] })[] = [
  {
    name: "chain",
    inputs: [x],
    expected: [...x.values].map((v) => gelu(1.1 * v + 0.2) * sigmoid(v)),
  },
  { name: "sum", inputs: [x], expected: [2] },
  { name: "meanOfRows", inputs: [x], expected: [1.5, -0.5] },
  { name: "meanOfColumns", inputs: [x], expected: [2, -1] },
  { name: "softmax", inputs: [x], expected: soft },
  { name: "layerNorm", inputs: [x, ones, ones], expected: [0, 2, 2, 0] },
  { name: "product", inputs: [x, x], expected: [7, -6, -9, 22] },
  { name: "sort", inputs: [x], expected: [1, 2, -4, 3] },
  { name: "inverse", inputs: [x], expected: [0.4, 0.2, 0.3, -0.1] },
  { name: "cholesky", inputs: [definite(1, 1)], expected: [Math.sqrt(definite(1, 1).values[0])] },
  { name: "mlp", inputs: [x, x, ones, x, ones], expected: [9, 17, 70, -91] },
];

test.each(tasks)("what is computed: $name", async ({ expected, ...task }) => {
  using device = await init({ backend: "cpu" });
  expect(device.info.backend).toBe("cpu");
  const computation = own.compute(task);
  await computation.run(2);
  const values = await computation.values();
  expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4));
  expect(await computation.element()).toBeCloseTo(expected[0], 4);
});
