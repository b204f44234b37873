import {
  det,
  eye,
  grad,
  inverse,
  nn,
  oneHot,
  outer,
  random,
  stack,
  tensor,
  type Tensor,
} from "cotangent";
import type { Worked } from "./five-ways.ts";

// Each derivative stands beside the function as the formula that one finds by hand.

/** Numbers of a normal distribution, the same each time. */
function drawing(seed: number): (...shape: number[]) => Tensor {
  random.seed(seed);
  return (...shape) => random.normal(shape);
}

const quadratic = (x: Tensor, a: Tensor) => x.matmul(a).matmul(x);

/** (xᵀAx)(xᵀBx) with symmetric A and B: ∇f = 2(xᵀBx)Ax + 2(xᵀAx)Bx. */
export function productOfQuadratics(n: number): Worked {
  const draw = drawing(1);
  const symmetric = (a: Tensor) => a.add(a.transpose());
  const [a, b] = [symmetric(draw(n, n)), symmetric(draw(n, n))];
  return {
    name: "(xᵀAx)(xᵀBx)",
    f: (x) => quadratic(x, a).mul(quadratic(x, b)),
    byHand: (x) =>
      quadratic(x, b)
        .mul(2)
        .mul(a.matmul(x))
        .add(quadratic(x, a).mul(2).mul(b.matmul(x))),
    x: draw(n),
  };
}

const norm = (x: Tensor) => x.square().sum().sqrt();
const cubedNorm = (x: Tensor) => norm(x).cube();

/** ‖x‖³: ∇f = 3‖x‖x. */
export const normCubed = (n: number): Worked => ({
  name: "‖x‖³",
  f: cubedNorm,
  byHand: (x) => norm(x).mul(3).mul(x),
  x: drawing(2)(n),
});

/** Its Hessian, the derivative of the gradient: 3(xxᵀ/‖x‖ + ‖x‖I). */
export const hessianOfNormCubed = (n: number): Worked => ({
  name: "the Hessian of ‖x‖³",
  f: grad(cubedNorm),
  byHand: (x) =>
    outer(x, x)
      .div(norm(x))
      .add(eye(n).mul(norm(x)))
      .mul(3),
  x: drawing(2)(n),
});

/** det(AXB) for A of shape [p, n], X [n, q] and B [q, p]: ∇f = det(AXB) · Aᵀ(AXB)⁻ᵀBᵀ. */
function determinant(p: number, n: number, q: number): Worked {
  const draw = drawing(5);
  const [a, b] = [draw(p, n), draw(q, p)];
  const product = (x: Tensor) => a.matmul(x).matmul(b);
  return {
    name: "det(AXB)",
    f: (x) => det(product(x)),
    byHand(x) {
      const inverted = inverse(product(x)).transpose();
      return a
        .transpose()
        .matmul(inverted)
        .matmul(b.transpose())
        .mul(det(product(x)));
    },
    x: draw(n, q),
  };
}

/** A function of three scalars, as they stand in an evaluation trace. */
export const ofThree = (x1: Tensor, x2: Tensor, x3: Tensor): Tensor =>
  x1.mul(x2).mul(x3.sin()).add(x1.mul(x2).exp()).div(x3);

/** (x₁x₂ sin x₃ + exp(x₁x₂))/x₃. With p = x₁x₂: ∇f = (x₂(sin x₃ + eᵖ), x₁(sin x₃ + eᵖ), p cos x₃ − f)/x₃. */
function ofThreeScalars(): Worked {
  const parts = (x: Tensor) =>
    [0, 1, 2].map((i) => x.slice([i], [i + 1]).squeeze()) as [Tensor, Tensor, Tensor];
  return {
    name: "(x₁x₂ sin x₃ + exp(x₁x₂))/x₃",
    f: (x) => ofThree(...parts(x)),
    byHand(x) {
      const [x1, x2, x3] = parts(x);
      const product = x1.mul(x2);
      const common = x3.sin().add(product.exp());
      const last = product.mul(x3.cos()).sub(ofThree(x1, x2, x3));
      return stack([x2.mul(common), x1.mul(common), last]).div(x3);
    },
    x: tensor([1, 2, 3]),
  };
}

/**
 * Softmax regression: L = −log softmax(z)ₖ for z = Wx + b and the class k. ∇z L = softmax(z) − eₖ, and with it
 * ∇W L = ∇z L xᵀ, ∇x L = Wᵀ∇z L, ∇b L = ∇z L.
 */
function softmaxRegression(inputs: number, classes: number): Worked[] {
  const draw = drawing(3);
  const [w, x, b] = [draw(classes, inputs), draw(inputs), draw(classes)];
  const k = tensor(1, { dtype: "int32" });
  const affine = (w: Tensor, x: Tensor, b: Tensor) => w.matmul(x).add(b);
  const loss = (z: Tensor) => nn.softmaxCrossEntropy(z, k);
  const byLogits = (z: Tensor) => z.softmax(-1).sub(oneHot(k, classes));
  return [
    {
      name: "softmax regression by W",
      f: (w) => loss(affine(w, x, b)),
      byHand: (w) => outer(byLogits(affine(w, x, b)), x),
      x: w,
    },
    {
      name: "softmax regression by x",
      f: (x) => loss(affine(w, x, b)),
      byHand: (x) => w.transpose().matmul(byLogits(affine(w, x, b))),
      x,
    },
    {
      name: "softmax regression by b",
      f: (b) => loss(affine(w, x, b)),
      byHand: (b) => byLogits(affine(w, x, b)),
      x: b,
    },
  ];
}

/** Logistic regression with labels tᵢ = ±1: L = Σ log(1 + exp(−tᵢ wᵀxᵢ)), ∇L = −Σ tᵢ σ(−tᵢ wᵀxᵢ) xᵢ. */
export function logisticRegression(examples: number, n: number): Worked {
  const draw = drawing(4);
  const [xs, labels] = [draw(examples, n), draw(examples).sign()];
  return {
    name: "logistic regression by w",
    f: (w) => nn.logisticLoss(xs.matmul(w), labels, { reduction: "sum" }),
    byHand: (w) =>
      labels
        .mul(labels.mul(xs.matmul(w)).neg().sigmoid())
        .matmul(xs)
        .neg(),
    x: draw(n),
  };
}

/** All of them, of sizes at which the costs differ. */
export const workedExamples = (): Worked[] => [
  productOfQuadratics(8),
  normCubed(8),
  hessianOfNormCubed(4),
  determinant(3, 4, 3),
  ofThreeScalars(),
  ...softmaxRegression(5, 3),
  logisticRegression(20, 6),
];
