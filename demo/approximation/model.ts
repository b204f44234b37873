import { compile, nn, optim, random, variable, type Tensor } from "cotangent";

/**
 * Bumps h[x ∈ [a, b]], each made of three sigmoids of steepness k: one that steps up at a, one that steps down at b, and
 * a third that asks whether both are up. a, b and h are [n, 1], x is [m]; the bumps are [n, m].
 */
export function bumps(x: Tensor, a: Tensor, b: Tensor, h: Tensor, k: Tensor) {
  const up = x.sub(a).mul(k).sigmoid();
  const down = b.sub(x).mul(k).sigmoid();
  return up.add(down).sub(1.5).mul(k).sigmoid().mul(h);
}

/** A sum Σ wⱼ σ(bⱼ + vⱼ x) that learns to be y, for x and y of shape [m]. */
export function network(x: Tensor, y: Tensor, { units = 16, rate = 0.03 } = {}) {
  // Each sigmoid has its slope somewhere in [0, 1].
  const v = variable(random.normal([units, 1], { std: 20 }));
  const b = variable(v.mul(random.uniform([units, 1])).neg());
  const w = variable(random.normal([units, 1], { std: 1 / Math.sqrt(units) }));
  const adam = optim.adam([v, b, w], { learningRate: rate });
  const terms = () => x.mul(v).add(b).sigmoid().mul(w);
  const step = compile(function trainingStep() {
    const loss = nn.mse(terms().sum(0), y);
    adam.minimize(loss);
    return loss;
  });
  return { adam, step, terms: compile(terms) };
}
