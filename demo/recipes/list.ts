import { pixels } from "../mnist.ts";
import type { Design } from "../network.ts";

/** Three ways of learning MNIST for which PyTorch's results are known (bands.json). */
export const recipes = {
  "softmax-sgd": {
    title: "softmax regression 784-10, SGD lr 0.1",
    sizes: [pixels, 10],
    optimizer: "sgd",
    learningRate: 0.1,
  },
  "mlp-sgd": {
    title: "mlp 784-128-10 relu, SGD lr 0.1",
    sizes: [pixels, 128, 10],
    optimizer: "sgd",
    learningRate: 0.1,
  },
  "mlp-adam": {
    title: "mlp 784-128-10 relu, Adam lr 1e-3",
    sizes: [pixels, 128, 10],
    optimizer: "adam",
    learningRate: 1e-3,
  },
} satisfies Record<string, Design & { title: string }>;

export type RecipeName = keyof typeof recipes;

export const recipeNames = Object.keys(recipes) as RecipeName[];
