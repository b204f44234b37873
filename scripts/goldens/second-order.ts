import { compile, concat, gradients, nn, stack, tensor, type Tensor } from "cotangent";
import type { Case } from "./format.ts";
import { activate } from "./rules/elementwise.ts";
import { parse } from "./rules/expression.ts";
import { x1x2sinx3 } from "./rules/lecture.ts";
import { apply, under, type Rule, type Run, type Tensors } from "./rules/rule.ts";

const flat = (tensors: readonly Tensor[]): Tensor => concat(tensors.map((x) => x.reshape([-1])));

/** The i-th of n unit vectors. */
const unit = (n: number, i: number): Tensor =>
  tensor(Float32Array.from({ length: n }, (_, j) => Number(i === j)));

/** A scalar function of some tensors. */
type Scalar = (inputs: Tensors) => [value: Tensor, xs: Tensor[]];

/** The function's value, gradient and Hessian over all elements, and the products of both with v. */
function derivatives(f: Scalar, inputs: Tensors, v: Tensor) {
  const along = compile((args: Tensors, direction: Tensor) => {
    const [value, xs] = f(args);
    const grad = flat(gradients(value, xs));
    const jvp = grad.mul(direction).sum();
    return { value, grad, jvp, hvp: flat(gradients(jvp, xs)) };
  });
  const rows = Array.from({ length: v.size }, (_, i) => along(inputs, unit(v.size, i)).hvp);
  return { ...along(inputs, v), hess: stack(rows) };
}

/** A scalar function of x. */
export function hessianRun(c: Case, rule: Rule): Run {
  const f: Scalar = (inputs) => [apply(rule, inputs, c)["y"], [inputs["x"]]];
  return (given) => {
    const { shape } = given["in.x"];
    const d = derivatives(f, under("in", given), given["v.x"].reshape([-1]));
    return {
      "out64.y": d.value,
      "out64.grad": d.grad.reshape(shape),
      "out64.hess": d.hess,
      "out64.jvp": d.jvp,
      "out64.hvp": d.hvp.reshape(shape),
    };
  };
}

/** The loss of a net of two layers in all its parameters, and its logits at x0 in x0. */
export function netRun(c: Case): Run {
  const { activation, param_order } = c.attrs as { activation: string; param_order: string[] };
  const logits = (x: Tensor, { w1, b1, w2, b2 }: Tensors) =>
    activate(activation, x.matmul(w1).add(b1)).matmul(w2).add(b2);
  const loss: Scalar = (p) => [
    nn.softmaxCrossEntropy(logits(p["x"], p), p["target"]),
    param_order.map((name) => p[name]),
  ];
  const row = compile((p: Tensors, cotangent: Tensor) => {
    const y = logits(p["x0"], p);
    return { y, row: gradients(y, [p["x0"]], cotangent)[0] };
  });
  return (given) => {
    const inputs = under("in", given);
    const { value, ...d } = derivatives(loss, inputs, given["v.params"]);
    const classes = inputs["b2"].size;
    const rows = Array.from({ length: classes }, (_, i) => row(inputs, unit(classes, i)));
    const jacobian = stack(rows.map((r) => r.row));
    return {
      "out64.loss": value,
      "out64.grad": d.grad,
      "out64.hess": d.hess,
      "out64.jvp": d.jvp,
      "out64.hvp": d.hvp,
      "out64.logits_x0": rows[0].y,
      "out64.jac_x0": jacobian,
      "out64.jvp_x0": jacobian.matmul(given["v.x0"]),
    };
  };
}

/** A function of x, a formula, and its first five derivatives. */
export function formulaRun(c: Case): Run {
  const f = parse(c.attrs["f"] as string);
  return compile(({ "in.x": x }: Tensors) => {
    const columns = [f(x)];
    while (columns.length < 6) columns.push(gradients(columns.at(-1)!.sum(), [x])[0]);
    return { "out64.D": stack(columns, 1) };
  });
}

/** Every step of (x₁ x₂ sin x₃ + exp(x₁ x₂))/x₃: values, derivatives in each input, adjoints. */
export const traceRun: Run = compile(({ "in.x": x }: Tensors) => {
  const nodes = x1x2sinx3(x);
  const inputs = nodes.slice(0, 3);
  const tangents = nodes.map((node) => stack(gradients(node, inputs)));
  return {
    "out64.values": stack(nodes),
    "out64.tangents": stack(tangents, 1),
    "out64.adjoints": stack(gradients(nodes.at(-1)!, nodes)),
  };
});
