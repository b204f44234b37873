import { compile, optim, stack, variable, type Tensor } from "cotangent";
import { partOf, type Case } from "./format.ts";
import { optimizerOf, scheduleOf, type Recipe, type TorchSchedule } from "./recipes.ts";
import { prefixed, under, type Run, type Tensors } from "./rules/rule.ts";

/** The rows of a matrix. */
const rowsOf = (x: Tensor): Tensor[] =>
  Array.from({ length: x.shape[0] }, (_, i) => x.slice([i], [i + 1]).squeeze(0));

/** The parameters after each of some updates along given gradients; null for an optimizer that is not there. */
export function optimizerRun({ attrs }: Case): Run | null {
  const recipe = attrs as unknown as Recipe;
  if (!hasOptimizer(recipe)) return null;
  return ({ "in.p0": start, "in.grads": grads }) => {
    const p = variable(start);
    const optimizer = optimizerOf([p], recipe);
    const step = compile((g: Tensor) => {
      optimizer.apply([signed(g, recipe)]);
      return p;
    });
    return { "out64.params": stack(rowsOf(grads).map((g) => step(g))) };
  };
}

/** The gradient to follow down: where PyTorch goes up, its negative. */
export const signed = (gradient: Tensor, { optimizer_params: params }: Recipe): Tensor =>
  params["maximize"] ? gradient.neg() : gradient;

/** Whether there is the optimizer that a recipe names, by itself or with an option ("adam_amsgrad"). */
export const hasOptimizer = ({ optimizer }: Recipe): boolean =>
  /^(sgd|momentum|nesterov|adam|adamw|rmsprop|adagrad)(_|$)/.test(optimizer);

/** The learning rate at each step; null for a schedule that is not there. */
export function scheduleRun(c: Case): Run | null {
  const { base_lr, schedule } = c.attrs as unknown as { base_lr: number; schedule: TorchSchedule };
  if (schedule.type === "ReduceLROnPlateau") return null;
  const { length } = partOf(c, "out64").get("lr")!.data;
  return () => ({ "out64.lr": ratesOf(scheduleOf(base_lr, schedule), length) });
}

/** The first rates of a schedule. */
export function ratesOf(schedule: optim.Schedule, count: number): Tensor {
  const made = variable(0);
  const next = compile(() => {
    const rate = schedule(made.value);
    made.assign(made.add(1));
    return rate;
  });
  return next.repeat(count)();
}

const orders = { norm1: 1, norm2: 2, norm: 2, norminf: Infinity } as const;

/** Some gradients clipped, and their norm. */
export function clipRun({ attrs }: Case): Run {
  const { mode, max } = attrs as { mode: keyof typeof orders | "value"; max: number };
  return compile((given: Tensors) => {
    const names = Object.keys(under("in", given));
    const grads = Object.values(under("in", given));
    const order = mode === "value" ? 2 : orders[mode];
    const clipped =
      mode === "value"
        ? optim.clipByValue(grads, max)
        : optim.clipByGlobalNorm(grads, max, { order });
    const results = Object.fromEntries(clipped.map((g, i) => [names[i], g]));
    const total = optim.globalNorm(grads, { order });
    return prefixed("out64", { ...results, total_norm: total });
  });
}
