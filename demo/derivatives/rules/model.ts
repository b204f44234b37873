import {
  det,
  eye,
  grad,
  hessian,
  inner,
  inverse,
  jvp,
  nn,
  norm,
  oneHot,
  outer,
  tensor,
  trace,
  type Tensor,
} from "cotangent";

/** What a line of a derivation says, by the formula that stands there, and by the library alone. */
export interface Line {
  byRule: Tensor;
  byLibrary: Tensor;
}

const line = (byRule: Tensor, byLibrary: Tensor): Line => ({ byRule, byLibrary });

const quadratic = (x: Tensor, a: Tensor) => x.matmul(a).matmul(x);

/** f = (xᵀAx)(xᵀBx) along dx. */
export function quadratics([x, dx, a, b]: readonly Tensor[]): Line[] {
  const [p, q] = [quadratic(x, a), quadratic(x, b)];
  const f = (v: Tensor) => quadratic(v, a).mul(quadratic(v, b));
  const [dp, dq, df] = [(v: Tensor) => quadratic(v, a), (v: Tensor) => quadratic(v, b), f].map(
    (g) => jvp(g, [x], [dx])[1],
  );
  const [aa, bb] = [a.add(a.transpose()), b.add(b.transpose())];
  const row = q.mul(x.matmul(aa)).add(p.mul(x.matmul(bb)));
  const gradient = q.mul(aa.matmul(x)).add(p.mul(bb.matmul(x)));
  return [
    line(dp.mul(q).add(p.mul(dq)), df),
    line(dx.matmul(a).matmul(x).add(x.matmul(a).matmul(dx)), dp),
    line(x.matmul(aa).matmul(dx), dp),
    line(row.matmul(dx), df),
    line(gradient, grad(f)(x)),
  ];
}

/** f = ‖x‖³ along dx, its gradient, and its Hessian. */
export function normCubed([x, dx]: readonly Tensor[]): Line[] {
  const f = (v: Tensor) => norm(v).cube();
  const df = jvp(f, [x], [dx])[1];
  const dSquare = jvp((v: Tensor) => v.matmul(v), [x], [dx])[1];
  const dNorm = jvp((v: Tensor) => norm(v), [x], [dx])[1];
  const dGradient = jvp(grad(f), [x], [dx])[1];
  const size = norm(x);
  const h = outer(x, x).div(size).add(eye(x.shape[0]).mul(size)).mul(3);
  return [
    line(x.matmul(x).sqrt().mul(1.5).mul(dSquare), df),
    line(x.matmul(dx).mul(2), dSquare),
    line(size.mul(3).mul(x.matmul(dx)), df),
    line(size.mul(3).mul(x), grad(f)(x)),
    line(x.matmul(dx).div(size), dNorm),
    line(dNorm.mul(3).mul(x).add(size.mul(3).mul(dx)), dGradient),
    line(h, hessian(f)(x)),
  ];
}

/** f = det(AXB) along dX, with M = AXB. */
export function determinant([x, dx, a, b]: readonly Tensor[]): Line[] {
  const product = (v: Tensor) => a.matmul(v).matmul(b);
  const f = (v: Tensor) => det(product(v));
  const [m, dm] = jvp(product, [x], [dx]);
  const df = jvp(f, [x], [dx])[1];
  const [size, inverted] = [det(m), inverse(m)];
  const around = b.matmul(inverted).matmul(a);
  return [
    line(size.mul(trace(inverted.matmul(dm))), df),
    line(a.matmul(dx).matmul(b), dm),
    line(size.mul(trace(inverted.matmul(a).matmul(dx).matmul(b))), df),
    line(size.mul(trace(around.matmul(dx))), df),
    line(size.mul(around.transpose()), grad(f)(x)),
  ];
}

/** L = −log softmax(Wx + b)₁ along dW, with z = Wx + b and p = softmax(z). */
export function softmaxRegression([w, dw, x, b]: readonly Tensor[]): Line[] {
  const first = tensor(0, { dtype: "int32" });
  const logits = (v: Tensor) => v.matmul(x).add(b);
  const f = (v: Tensor) => nn.softmaxCrossEntropy(logits(v), first);
  const [z, dz] = jvp(logits, [w], [dw]);
  const df = jvp(f, [w], [dw])[1];
  const logSum = (v: Tensor) => v.exp().sum().log();
  const dLogSum = jvp(logSum, [z], [dz])[1];
  const [p, e] = [z.softmax(-1), oneHot(first, z.shape[0])];
  const away = p.sub(e);
  return [
    line(inner(e, dz).neg().add(dLogSum), df),
    line(p.matmul(dz), dLogSum),
    line(away.matmul(dz), df),
    line(dw.matmul(x), dz),
    line(away.matmul(dw).matmul(x), df),
    line(outer(away, x), grad(f)(w)),
  ];
}
