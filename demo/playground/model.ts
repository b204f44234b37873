import {
  compile,
  concat,
  gather,
  iota,
  nn,
  optim,
  random,
  stack,
  tensor,
  variable,
  type Tensor,
  type Variable,
} from "cotangent";
import { activations } from "../activations/list.ts";

/** What the network may be given: functions of a point's x₁ and x₂, each [n, 1]. */
export const features = {
  x1: (x1: Tensor) => x1,
  x2: (_: Tensor, x2: Tensor) => x2,
  x1x1: (x1: Tensor) => x1.square(),
  x2x2: (_: Tensor, x2: Tensor) => x2.square(),
  x1x2: (x1: Tensor, x2: Tensor) => x1.mul(x2),
  sin1: (x1: Tensor) => x1.mul(Math.PI).sin(),
  sin2: (_: Tensor, x2: Tensor) => x2.mul(Math.PI).sin(),
};

export const optimizers = {
  adam: optim.adam,
  sgd: optim.sgd,
  momentum: (parameters: Variable[], { learningRate }: { learningRate: number }) =>
    optim.sgd(parameters, { learningRate, momentum: 0.9 }),
  rmsprop: optim.rmsprop,
  adagrad: optim.adagrad,
};

export interface Design {
  inputs: readonly (keyof typeof features)[];
  /** Units of each hidden layer. */
  layers: readonly number[];
  activation: keyof typeof activations;
  optimizer: keyof typeof optimizers;
  rate: number;
  penalty: "none" | "L1" | "L2";
  strength: number;
  batch: number;
  /** Whether targets are numbers from −1 to 1 instead of kinds. */
  heights: boolean;
}

/** Points on the device, x₁, x₂ and target, which may change while a network learns them. */
export class Pool {
  readonly rows: Variable;
  readonly count = variable(0, { trainable: false });

  constructor(capacity: number) {
    this.rows = variable(tensor(new Float32Array(3 * capacity), [capacity, 3]), {
      trainable: false,
    });
  }

  fill(points: Float32Array): void {
    const all = new Float32Array(this.rows.size);
    all.set(points);
    this.rows.assign(tensor(all, this.rows.shape));
    this.count.assign(tensor(points.length / 3));
  }

  /** n of them at random. */
  draw(n: number): Tensor {
    const at = random.uniform([n]).mul(this.count).floor();
    return gather(this.rows, at.minimum(this.count.sub(1)).maximum(0).cast("int32"));
  }
}

const columns = (points: Tensor) =>
  [0, 1, 2].map((i) => points.slice([0, i], [points.shape[0], i + 1]));

/** A network and, beside it, a straight line, trained alike on the same points. */
export function contest(train: Pool, design: Design) {
  const sizes = [design.inputs.length, ...design.layers, 1];
  const layers = sizes
    .slice(1)
    .map((n, i) => nn.linear(sizes[i], n, { weightInit: nn.init.heNormal() }));
  const line = nn.linear(2, 1);
  const activate = activations[design.activation];

  /** What each layer makes of points. */
  const outputs = (x1: Tensor, x2: Tensor) => {
    const all = [
      concat(
        design.inputs.map((name) => features[name](x1, x2)),
        1,
      ),
    ];
    for (const [i, layer] of layers.entries()) {
      const sums = layer.forward(all[i]);
      all.push(i === layers.length - 1 ? sums : activate(sums));
    }
    return all.slice(1);
  };
  const answers = (x1: Tensor, x2: Tensor) => [
    outputs(x1, x2)[layers.length - 1],
    line.forward(concat([x1, x2], 1)),
  ];

  const parameters = [...layers, line].flatMap((layer) => layer.parameters());
  const optimizer = optimizers[design.optimizer](parameters, { learningRate: design.rate });
  const strength = variable(design.strength, { trainable: false });
  const size = (w: Tensor) => (design.penalty === "L1" ? w.abs().sum() : w.square().sum().div(2));
  const lossOf = design.heights ? nn.mse : nn.bceWithLogits;

  const step = compile(function trainingStep() {
    const [x1, x2, target] = columns(train.draw(design.batch));
    const [loss, lossOfLine] = answers(x1, x2).map((answer) => lossOf(answer, target));
    // Neither has a part in the other's loss, so one optimizer serves both.
    let total = loss.add(lossOfLine);
    if (design.penalty !== "none")
      for (const { weight } of layers) total = total.add(size(weight).mul(strength));
    optimizer.minimize(total.mul(train.count.minimum(1)));
    return loss;
  });
  return { layers, line, outputs, answers, optimizer, strength, step };
}

/** Loss, and share of points told apart, of the network and of the line, on some points of each pool: [pools · 4]. */
export function scoreOf(
  { answers }: Pick<ReturnType<typeof contest>, "answers">,
  pools: readonly Pool[],
  heights: boolean,
) {
  // So many say it well enough.
  const most = 1000;
  return compile(function score() {
    const scores = pools.flatMap(({ rows, count }) => {
      const n = Math.min(most, rows.shape[0]);
      const [x1, x2, target] = columns(rows.slice([0, 0], [n, 3]));
      const used = count.minimum(n);
      const isUsed = iota([n, 1]).cast("float32").less(used).cast("float32");
      const mean = (x: Tensor) => x.mul(isUsed).sum().div(used);
      return answers(x1, x2).flatMap((answer) => {
        const losses = heights
          ? answer.sub(target).square()
          : nn.bceWithLogits(answer, target, { reduction: "none" });
        const isRight = answer.greater(0).equal(target.greater(0));
        return [mean(losses), mean(isRight.cast("float32"))];
      });
    });
    return stack(scores);
  });
}
