import { matmul, nn, optim, tensor, variable, zeros, type Tensor } from "cotangent";

/** A training step that grows with `size`, as a function to be compiled and its arguments. */
export interface Growing {
  name: string;
  /** How large a graph of about 10,000 nodes is. */
  size: number;
  step(size: number): { f: (x: Tensor) => Tensor; x: Tensor };
}

/** Blocks x + W₂ relu(W₁ x), as deep as asked for, trained by Adam. */
const residual: Growing = {
  name: "residual net, Adam",
  size: 76,
  step(depth) {
    const blocks = Array.from({ length: depth }, () =>
      nn.sequential(nn.linear(8, 8), nn.relu(), nn.linear(8, 8)),
    );
    const optimizer = optim.adam(blocks.flatMap((block) => block.parameters()));
    const f = (x: Tensor) => {
      let y = x;
      for (const block of blocks) y = y.add(block.forward(y));
      const loss = y.square().mean();
      optimizer.minimize(loss);
      return loss;
    };
    return { f, x: zeros([4, 8]) };
  },
};

/** h ← tanh(W x + U h), unrolled over time, trained by SGD. */
const recurrent: Growing = {
  name: "unrolled RNN, SGD",
  size: 1100,
  step(length) {
    const w = variable(tensor(new Float32Array(64).fill(0.1), [8, 8]));
    const u = variable(tensor(new Float32Array(64).fill(0.1), [8, 8]));
    const optimizer = optim.sgd([w, u], { learningRate: 0.01 });
    const f = (x: Tensor) => {
      let h = zeros([4, 8]);
      for (let t = 0; t < length; t++) h = matmul(x, w).add(matmul(h, u)).tanh();
      const loss = h.square().mean();
      optimizer.minimize(loss);
      return loss;
    };
    return { f, x: zeros([4, 8]) };
  },
};

/** Small branches side by side, summed and trained by SGD. */
const branches: Growing = {
  name: "small branches, SGD",
  size: 300,
  step(width) {
    const nets = Array.from({ length: width }, () => nn.mlp([4, 4, 1], { activation: nn.tanh }));
    const optimizer = optim.sgd(
      nets.flatMap((net) => net.parameters()),
      { learningRate: 0.01 },
    );
    const f = (x: Tensor) => {
      let y = zeros([4, 1]);
      for (const net of nets) y = y.add(net.forward(x));
      const loss = y.square().mean();
      optimizer.minimize(loss);
      return loss;
    };
    return { f, x: zeros([4, 4]) };
  },
};

export const growing: readonly Growing[] = [residual, recurrent, branches];
