import { nn, type Tensor } from "cotangent";
import type { Recipe } from "../../scripts/goldens/recipes.ts";

/** What a trajectory trains. */
export interface Task extends Recipe {
  activation?: keyof typeof activations;
  dims?: number[];
  loss?: string;
  label_smoothing?: number;
  w0?: number;
}

const activations = {
  elu: nn.elu,
  gelu: nn.gelu,
  mish: nn.mish,
  relu: nn.relu,
  sigmoid: nn.sigmoid,
  silu: nn.silu,
  sin: nn.sin,
  softplus: nn.softplus,
  softsign: nn.softsign,
  tanh: nn.tanh,
};

/** z + act(LN(z) u) v */
class Block extends nn.Module {
  readonly norm: nn.LayerNorm;
  readonly up: nn.Linear;
  readonly down: nn.Linear;
  readonly act: nn.Layer;

  constructor(width: number, hidden: number, act: nn.Layer) {
    super();
    this.norm = nn.layerNorm(width);
    this.up = nn.linear(width, hidden, { bias: false });
    this.down = nn.linear(hidden, width, { bias: false });
    this.act = act;
  }

  forward(z: Tensor): Tensor {
    return z.add(this.down.forward(this.act.forward(this.up.forward(this.norm.forward(z)))));
  }
}

type ShapeOf = (parameter: string) => readonly number[];

/** The network of a case; its parameters are in the golden's order. */
export function networkOf(op: string, task: Task, shapeOf: ShapeOf): nn.Layer {
  if (op === "logreg_tables") {
    const [inputs, outputs] = shapeOf("w");
    return nn.linear(inputs, outputs);
  }
  const activation = activations[task.activation ?? "relu"];
  if (op === "resmlp_ln") {
    const [inputs, width] = shapeOf("w0");
    const blocks = [0, 1, 2].map((i) => new Block(width, shapeOf(`u${i}`)[1], activation()));
    return nn.sequential(nn.linear(inputs, width), ...blocks, nn.linear(width, shapeOf("wo")[1]));
  }
  const { w0 } = task;
  const weights = ["w1", "w2", ...(op === "siren" || op.startsWith("mlp_spiral") ? ["w3"] : [])];
  const sizes = [shapeOf("w1")[0], ...weights.map((name) => shapeOf(name)[1])];
  return nn.mlp(sizes, { activation: w0 === undefined ? activation : () => nn.sine(w0) });
}

/** The loss of a case for a batch. */
export function lossOf(op: string, task: Task, model: nn.Layer, x: Tensor, y: Tensor): Tensor {
  const out = model.forward(x);
  if (y.dtype === "float32") return task.loss === "huber" ? nn.huber(out, y) : nn.mse(out, y);
  const loss = nn.softmaxCrossEntropy(out, y, { labelSmoothing: task.label_smoothing });
  if (op !== "logreg_tables") return loss;
  return loss.add((model as nn.Linear).weight.square().sum().mul(1e-3));
}
