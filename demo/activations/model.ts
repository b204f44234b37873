import { compile, grad, gradients, nn, random, stack, variable, type Tensor } from "cotangent";

type Activation = (x: Tensor) => Tensor;

/** f(x), f′(x) and f″(x), for each x. */
export const derivatives = (f: Activation) =>
  compile(function derivatives(x: Tensor) {
    const slope = grad((x: Tensor) => f(x).sum());
    const curvature = grad((x: Tensor) => slope(x).sum());
    return stack([f(x), slope(x), curvature(x)]);
  });

const layers = 20;
const width = 128;
const examples = 64;

/** The root mean square of the values after each layer, and of the gradient there. */
export function depths(f: Activation, initializer: keyof typeof initializers) {
  const initialize = initializers[initializer]();
  const weights = Array.from({ length: layers }, () => variable(initialize([width, width])));
  const input = variable(random.normal([examples, width]));
  const pull = variable(random.normal([examples, width]));
  return compile(function depths() {
    const values = [input.mul(1)];
    for (const w of weights) values.push(f(values[values.length - 1].matmul(w)));
    const slopes = gradients(values[layers].mul(pull).sum(), values);
    const size = (x: Tensor) => x.square().mean().sqrt();
    return stack([stack(values.map(size)), stack(slopes.map(size))]);
  });
}

/** How weights may begin. */
export const initializers = {
  glorotNormal: nn.init.glorotNormal,
  heNormal: nn.init.heNormal,
  orthogonal: nn.init.orthogonal,
  small: () => nn.init.normal(0, 0.02),
  large: () => nn.init.normal(0, 0.3),
};
