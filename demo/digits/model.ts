import { compile, concat, data, grad, logSoftmax, tensor, type Tensor } from "cotangent";
import { pixels, type Digits } from "../mnist.ts";
import type { Network } from "../network.ts";

/** A step on the next batch of these digits. */
export function stepOn(network: Network, { images, labels }: Digits, batchSize: number) {
  const set = data.dataset({ x: tensor(images, [labels.length, pixels]), y: labels });
  const batches = data.resident(set, { batchSize, shuffle: true });
  return compile(function trainingStep() {
    const { x, y } = batches.next();
    return network.learn(x, y);
  });
}

/** How often the digit that is taught stands in a batch, and beside how many that are known. */
const copies = 8;
const others = 56;

/** A step on one new digit, among others, lest they be forgotten. */
export function stepOnOne(network: Network, { images, labels }: Digits) {
  const set = data.dataset({ x: tensor(images, [labels.length, pixels]), y: labels });
  const batches = data.resident(set, { batchSize: others, shuffle: true });
  return compile(
    function teachingStep(image: Tensor, label: Tensor) {
      const { x, y } = batches.next();
      const images = concat([x, image.broadcastTo([copies, pixels])], 0);
      const labels = concat([y, label.broadcastTo([copies])], 0);
      return network.learn(images, labels);
    },
    { inputs: [[1, pixels], [1]] },
  );
}

/** The gradient of the answer's log-probability with respect to each pixel, the largest as 1 or −1. */
export const whyOf = (network: Network) =>
  compile(
    function why(image: Tensor) {
      const answer = (x: Tensor) => logSoftmax(network.model.forward(x), -1).max();
      const slope = grad(answer)(image);
      return slope.div(slope.abs().max().maximum(1e-20));
    },
    { inputs: [[1, pixels]] },
  );
