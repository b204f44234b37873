import {
  compile,
  concat,
  grad,
  gradients,
  hessian,
  hvp,
  jacobian,
  jvp,
  nn,
  stack,
  tensor,
  type Tensor,
} from "cotangent";
import { evaluateComplex, interpret } from "../../src/backends/cpu/interpret.ts";
import type { HostArray } from "../../src/base/dtype.ts";
import { placeholder } from "../../src/graph/build.ts";
import type { Case } from "./format.ts";
import { activate } from "./rules/elementwise.ts";
import { parse } from "./rules/expression.ts";
import { x1x2sinx3 } from "./rules/lecture.ts";
import { apply, under, type Rule, type Run, type Tensors } from "./rules/rule.ts";

const flat = (tensors: readonly Tensor[]): Tensor => concat(tensors.map((x) => x.reshape([-1])));

/** The function's value, gradient and Hessian over all elements, and the products of both with v. */
function derivatives(f: (xs: Tensor[]) => Tensor, xs: Tensor[], v: Tensor) {
  let end = 0;
  const along = xs.map((x) => v.slice([end], [(end += x.size)]).reshape(x.shape));
  const run = compile((args: Tensor[], directions: Tensor[]) => {
    const [value, jvpAlong] = jvp(f, [args], [directions]);
    const blocks = hessian(f)(args);
    const rows = blocks.map((row, a) =>
      concat(
        row.map((block, b) => block.reshape([args[a].size, args[b].size])),
        1,
      ),
    );
    return {
      value,
      grad: flat(grad(f)(args)),
      jvp: jvpAlong,
      hvp: flat(hvp(f, args, directions)),
      hess: concat(rows),
    };
  });
  return run(xs, along);
}

/** A scalar function of x. */
export function hessianRun(c: Case, rule: Rule): Run {
  return (given) => {
    const inputs = under("in", given);
    const f = ([x]: Tensor[]) => apply(rule, { ...inputs, x }, c)["y"];
    const d = derivatives(f, [inputs["x"]], given["v.x"].reshape([-1]));
    const { shape } = inputs["x"];
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
  return (given) => {
    const inputs = under("in", given);
    const loss = (xs: Tensor[]) => {
      const p = { ...inputs, ...Object.fromEntries(xs.map((x, i) => [param_order[i], x])) };
      return nn.softmaxCrossEntropy(logits(p["x"], p), p["target"]);
    };
    const { value, ...d } = derivatives(
      loss,
      param_order.map((name) => inputs[name]),
      given["v.params"],
    );
    const ofInput = (x: Tensor) => logits(x, inputs);
    const [y, along] = jvp(ofInput, [inputs["x0"]], [given["v.x0"]]);
    return {
      "out64.loss": value,
      "out64.grad": d.grad,
      "out64.hess": d.hess,
      "out64.jvp": d.jvp,
      "out64.hvp": d.hvp,
      "out64.logits_x0": y,
      "out64.jac_x0": jacobian(ofInput)(inputs["x0"]),
      "out64.jvp_x0": along,
    };
  };
}

/** A function of x, a formula, its first five derivatives, and the first by complex steps. */
export function formulaRun(c: Case): Run {
  const f = parse(c.attrs["f"] as string);
  const derived = compile(({ "in.x": x }: Tensors) => {
    const columns = [f(x)];
    while (columns.length < 6) columns.push(gradients(columns.at(-1)!.sum(), [x])[0]);
    return { "out64.D": stack(columns, 1) };
  });
  return (given) => ({ ...derived(given), "out64.cs": complexSteps(f, given["in.x"]) });
}

/** Im f(x + ih)/h for h = 10⁻³ and 10⁻²⁰, which users cannot choose, on the complex reference: a column for each. */
function complexSteps(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const at = placeholder(x);
  const y = f(at);
  const dataOf = ({ source }: Tensor) => (source as { data: HostArray }).data;
  const columns = [1e-3, 1e-20].map((h) => {
    const leaf = (node: Tensor) =>
      node === at
        ? { re: dataOf(x), im: new Float64Array(x.size).fill(h) }
        : { re: dataOf(node), im: null };
    const [{ im }] = interpret([y], leaf, evaluateComplex);
    return tensor(im!.map((part) => part / h));
  });
  return stack(columns, 1);
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
