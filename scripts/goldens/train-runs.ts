import { compile, gather, gradients, optim, stack, variable, type Tensor } from "cotangent";
import { partOf, type Case } from "./format.ts";
import { netOf } from "./nets.ts";
import { hasOptimizer, ratesOf, signed } from "./optim-runs.ts";
import { optimizerOf, scheduleOf, type Recipe } from "./recipes.ts";
import { prefixed, under, type Run, type Tensors } from "./rules/rule.ts";

type Attrs = Recipe & { param_order: string[]; steps: number };

/** A whole training: losses, norms of the gradients, learning rates, and the parameters on the way and at the end. */
export function trajectoryRun(c: Case): Run | null {
  const net = netOf(c);
  const { param_order: names, steps, ...recipe } = c.attrs as unknown as Attrs;
  if (!net || !hasOptimizer(recipe)) return null;
  const snapshots = new Set([...partOf(c, "snap64").keys()].map((name) => parseInt(name, 10)));
  return (given) => {
    const inputs = under("in", given);
    const data = under("data", inputs);
    const variables = names.map((name) => variable(inputs[`param.${name}`]));
    const p = Object.fromEntries(names.map((name, i) => [name, variables[i]]));
    const optimizer = optimizerOf(variables, recipe);
    const step = compile((rows: Tensor | null) => {
      const loss = net(p, rows ? rowsOf(data, rows) : data);
      const found = gradients(loss, optimizer.parameters);
      optimizer.apply(found.map((g) => signed(g, recipe)));
      return { loss, norm: optim.globalNorm(found) };
    });

    const results: Tensors = {};
    const done: ReturnType<typeof step>[] = [];
    for (let s = 1; s <= steps; s++) {
      const { batches } = inputs;
      done.push(step(batches ? batches.slice([s - 1], [s]).squeeze(0) : null));
      if (snapshots.has(s)) Object.assign(results, prefixed(`snap64.${s}`, copies(p, 64)));
    }
    Object.assign(results, prefixed("out64.final", copies(p)));
    results["out64.loss"] = stack(done.map(({ loss }) => loss));
    results["out64.grad_norm"] = stack(done.map(({ norm }) => norm));
    const { schedule, optimizer_params } = recipe;
    const rate = Number(optimizer_params["lr"]);
    const follows = schedule ? scheduleOf(rate, schedule) : optim.constant(rate);
    results["out64.lr"] = ratesOf(follows, steps);
    return results;
  };
}

/** Some rows of each tensor. */
const rowsOf = (data: Tensors, rows: Tensor): Tensors =>
  Object.fromEntries(Object.entries(data).map(([name, x]) => [name, gather(x, rows)]));

/** The values as they are now; of tensors of 600 elements or more the first `most`. */
const copies = (p: Tensors, most = Infinity): Tensors =>
  Object.fromEntries(
    Object.entries(p).map(([name, x]) => [
      name,
      x.size >= 600 && most < x.size ? x.reshape([-1]).slice([0], [most]) : x.mul(1),
    ]),
  );
