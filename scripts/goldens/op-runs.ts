import { compile, gradients, jvp, type Tensor } from "cotangent";
import type { Case } from "./format.ts";
import { apply, prefixed, under, type Rule, type Run, type Tensors } from "./rules/rule.ts";

/** Outputs, their tangents for those that are given, gradients for cotangents, and gradients of those. */
export function opRun(c: Case, rule: Rule): Run {
  return compile((given: Tensors) => {
    const inputs = under("in", given);
    const outputs = apply(rule, inputs, c);
    const results = prefixed("out64", outputs);
    Object.assign(results, prefixed("jvp64", tangents(c, rule, inputs, under("tan", given))));
    const gout = under("gout", given);
    if (c.grads.length === 0 || Object.keys(gout).length === 0) return results;
    const xs = c.grads.map((name) => inputs[name]);
    const byName = (list: Tensor[]) => Object.fromEntries(list.map((g, i) => [c.grads[i], g]));
    const gin = byName(gradients(inner(outputs, gout), xs));
    Object.assign(results, prefixed("gin64", gin));
    const v = under("v", given);
    if (Object.keys(v).length === 0) return results;
    const gg = byName(gradients(inner(gin, v), xs));
    return Object.assign(results, prefixed("gg64", gg));
  });
}

/** The tangents of all outputs along those of some inputs. */
function tangents(c: Case, rule: Rule, inputs: Tensors, given: Tensors): Tensors {
  if (Object.keys(given).length === 0) return {};
  const along = Object.fromEntries(Object.keys(inputs).map((name) => [name, given[name] ?? null]));
  return jvp((xs: Tensors) => apply(rule, xs, c), [inputs], [along])[1];
}

/** Σ ⟨a, b⟩ over the names that b has. */
function inner(a: Tensors, b: Tensors): Tensor {
  return Object.keys(b)
    .map((name) => a[name].mul(b[name]).sum())
    .reduce((s, t) => s.add(t));
}

/** A function of x and its first two derivatives, element by element. */
export function derivativeRun(c: Case, rule: Rule): Run {
  return compile(({ "in.x": x }: Tensors) => {
    const { y } = apply(rule, { x }, c);
    const [d1] = gradients(y.sum(), [x]);
    const [d2] = gradients(d1.sum(), [x]);
    return { "out64.y": y, "out64.d1": d1, "out64.d2": d2 };
  });
}

/** A function of x alone, to be held against PyTorch in float32. */
export function specialRun(c: Case, rule: Rule): Run {
  return compile(({ "in.x": x }: Tensors) => prefixed("out32", apply(rule, { x }, c)));
}

/** What has no name for its precision: it is exact. */
export function bitsRun(c: Case, rule: Rule): Run {
  return compile((given: Tensors) => prefixed("out", apply(rule, under("in", given), c)));
}
