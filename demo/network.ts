import { compile, nn, optim, type Tensor } from "cotangent";

const optimizers = { adam: optim.adam, sgd: optim.sgd };

/** The optimizers on offer. */
export type OptimizerName = keyof typeof optimizers;

/** What a network is made of and trained with. */
export interface Design {
  /** The size of the image, of each hidden layer, and of the answer. */
  sizes: readonly number[];
  optimizer: OptimizerName;
  learningRate: number;
}

/** A multilayer perceptron that reads digits, with ReLU between its layers. */
export class Network {
  readonly model;
  readonly optimizer;
  /** Ten probabilities for each image. */
  readonly predict;

  constructor({ sizes, optimizer, learningRate }: Design) {
    const model = nn.mlp(sizes);
    this.model = model;
    this.optimizer = optimizers[optimizer](model.parameters(), { learningRate });
    this.predict = compile(
      function predict(x: Tensor) {
        return model.forward(x).softmax(-1);
      },
      { inputs: [[-1, sizes[0]]] },
    );
  }

  /** One step down the loss of a batch, which it returns; to be called in a compiled function. */
  learn(x: Tensor, y: Tensor): Tensor {
    const loss = nn.softmaxCrossEntropy(this.model.forward(x), y);
    this.optimizer.minimize(loss);
    return loss;
  }
}
