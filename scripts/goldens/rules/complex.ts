import { atan2, hypot, type Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

/** A complex number as two tensors. */
interface Complex {
  re: Tensor;
  im: Tensor;
}

const exp = ({ re, im }: Complex): Complex => polar(re.exp(), im);

const polar = (r: Tensor, angle: Tensor): Complex => ({
  re: r.mul(angle.cos()),
  im: r.mul(angle.sin()),
});

const neg = ({ re, im }: Complex): Complex => ({ re: re.neg(), im: im.neg() });

const add = ({ re, im }: Complex, real: number): Complex => ({ re: re.add(real), im });

const div = (a: Complex, b: Complex): Complex => {
  const size = b.re.square().add(b.im.square());
  return {
    re: a.re.mul(b.re).add(a.im.mul(b.im)).div(size),
    im: a.im.mul(b.re).sub(a.re.mul(b.im)).div(size),
  };
};

const reciprocal = (z: Complex): Complex => div({ re: z.re.mul(0).add(1), im: z.im.mul(0) }, z);

/** The principal zᵇ. */
const pow = ({ re, im }: Complex, b: number): Complex =>
  polar(hypot(re, im).pow(b), atan2(im, re).mul(b));

const sin = ({ re: x, im: y }: Complex): Complex => ({
  re: x.sin().mul(y.cosh()),
  im: x.cos().mul(y.sinh()),
});
const cos = ({ re: x, im: y }: Complex): Complex => ({
  re: x.cos().mul(y.cosh()),
  im: x.sin().mul(y.sinh()).neg(),
});
const sinh = ({ re: x, im: y }: Complex): Complex => ({
  re: x.sinh().mul(y.cos()),
  im: x.cosh().mul(y.sin()),
});
const cosh = ({ re: x, im: y }: Complex): Complex => ({
  re: x.cosh().mul(y.cos()),
  im: x.sinh().mul(y.sin()),
});

/** atan z by the logarithm of (1 + iz)/(1 − iz), its real part in the right quadrant. */
function atan({ re: x, im: y }: Complex): Complex {
  const square = x.square();
  const above = square.add(y.add(1).square());
  const below = square.add(y.sub(1).square());
  const size = square.add(y.square());
  return {
    re: atan2(x.mul(2), size.neg().add(1)).div(2),
    im: above.div(below).log().div(4),
  };
}

const rule =
  (f: (z: Complex) => Complex) =>
  ({ re, im }: Record<string, Tensor>) => ({ ...f({ re, im }) });

/** Elementary functions of complex numbers, their principal values. */
export const complex: Rules = {
  complex_atan: rule(atan),
  complex_cos: rule(cos),
  complex_cosh: rule(cosh),
  complex_exp: rule(exp),
  complex_log: rule(({ re, im }) => ({ re: hypot(re, im).log(), im: atan2(im, re) })),
  "complex_pow_2.5": rule((z) => pow(z, 2.5)),
  complex_reciprocal: rule(reciprocal),
  complex_sigmoid: rule((z) => reciprocal(add(exp(neg(z)), 1))),
  complex_sin: rule(sin),
  complex_sinh: rule(sinh),
  complex_sqrt: rule((z) => pow(z, 0.5)),
  complex_square: rule((z) => ({
    re: z.re.square().sub(z.im.square()),
    im: z.re.mul(z.im).mul(2),
  })),
  complex_tan: rule((z) => div(sin(z), cos(z))),
  complex_tanh: rule((z) => div(sinh(z), cosh(z))),
};
