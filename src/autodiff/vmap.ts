import { checkInstance, describeValue } from "../base/describe-value.ts";
import { ArgumentError, ShapeError, TraceError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { normalizeAxis, show } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import { keepingHistory } from "../graph/history.ts";
import { describe, Tensor } from "../graph/tensor.ts";
import { checkingAssigned } from "../graph/trace.ts";
import { transpose } from "../ops/movement.ts";
import { batchGraph, example, forAll } from "./batch.ts";
import { tensorsIn } from "./nesting.ts";

/** Which axes are those of the batch. */
export interface VmapOptions {
  /**
   * The axis along which the arguments are mapped, or one for each argument, for all tensors in it; null: not mapped.
   * Negative axes count from the end. By default 0.
   */
  inAxes?: number | readonly (number | null)[];
  /** The axis of the results along which the examples lie; negative ones count from the end. By default 0. */
  outAxes?: number;
}

/**
 * The function that applies f to each example of a batch, all at once: f is written for one example, and called once,
 * with tensors that lack the mapped axis. Arguments and results are tensors, or nested arrays and plain objects of them;
 * what is no tensor is handed to f as it is. Of n examples a result of shape s is [n, ...s], or has n at `outAxes`.
 *
 * The graph of f becomes that of the batch, op by op, so it nests with itself, `grad`, `jvp`, `vjp` and `compile` in any
 * order: `vmap(grad(loss), { inAxes: [null, 0] })(w, xs)` is one gradient for each example. Tensors of f's closure,
 * variables among them, are the same for all examples, and results that depend on no mapped value are repeated. Random
 * draws differ from example to example.
 *
 * It is a ShapeError where mapped axes differ in length, where a tensor has no such axis, and where what f computes would
 * have more than 8 axes in a batch; a ValueError where no tensor is mapped or there are not as many `inAxes` as
 * arguments; a TraceError where f gives a variable a value that differs from example to example.
 *
 * Bradbury et al.: "JAX: composable transformations of Python+NumPy programs", 2018.
 * @param f a function of tensors, written for one example
 * @param options the axes of the batch in arguments and results, 0 by default
 * @returns a function of batches
 * @throws ShapeError where there is no such axis, or lengths of the batch differ
 * @throws ValueError where the axes nest otherwise than the arguments
 * @throws GradientError where an op on the way knows no batch
 */
export function vmap<A extends unknown[], R>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: A) => R {
  checkInstance("vmap", f, Function, "a function");
  checkOptions("vmap", options, ["inAxes", "outAxes"]);
  const { inAxes = 0, outAxes = 0 } = options;
  for (const axis of [inAxes, outAxes].flat()) checkAxis(axis);
  return (...args) => {
    const { inputs, seeds } = examplesIn(args, axesFor(inAxes, args.length));
    const [first] = seeds;
    if (!first) throw new ValueError("vmap: no tensor among the arguments is mapped");
    const batch = { name: "vmap", size: first[1].shape[0] };
    const isLeaf = (node: Tensor) => node.id < first[0].id || node.versionOf !== null;
    const found = (roots: readonly Tensor[]) => batchGraph(batch, roots, seeds, isLeaf);
    const checkAssigned = (value: Tensor) => {
      if (!found([value]).has(value)) return;
      throw new TraceError(
        `vmap: the function gives a variable ${describe(value)}, which differs from example to example; return it instead`,
      );
    };
    const run = () => tensorsIn("vmap", f(...(inputs as A)));
    const { value, tensors } = checkingAssigned(checkAssigned, () => keepingHistory(run));
    const batched = found(tensors);
    return mapTree(value, (y) => {
      const all = forAll(batch, y as Tensor, batched.get(y as Tensor));
      return axisTo(all, 0, normalizeAxis("vmap: outAxes", outAxes, all.shape));
    }) as R;
  };
}

function checkAxis(axis: unknown): void {
  if (axis === null || Number.isInteger(axis)) return;
  throw new ArgumentError(`vmap: an axis is a whole number or null, got ${describeValue(axis)}`);
}

/** The mapped axis for each argument. */
function axesFor(inAxes: NonNullable<VmapOptions["inAxes"]>, count: number): (number | null)[] {
  // Null for all, which JavaScript lets through, maps none.
  if (!Array.isArray(inAxes)) return new Array<number | null>(count).fill(inAxes as number | null);
  if (inAxes.length !== count) {
    throw new ValueError(
      `vmap: there are ${inAxes.length} inAxes for ${count} arguments; null stands for one that is not mapped`,
    );
  }
  return [...inAxes];
}

/** The arguments for one example, and for each tensor that is mapped its values for all, the mapped axis in front. */
function examplesIn(
  args: readonly unknown[],
  axes: readonly (number | null)[],
): { inputs: unknown[]; seeds: Map<Tensor, Tensor> } {
  let known: { size: number; arg: number } | null = null;
  const seeds = new Map<Tensor, Tensor>();
  const inputs = args.map((arg, i) => {
    const axis = axes[i];
    if (axis === null) return arg;
    return mapTree(arg, (x) => {
      if (!(x instanceof Tensor)) return x;
      const along = normalizeAxis(`vmap: argument ${i}`, axis, x.shape);
      const size = x.shape[along];
      known ??= { size, arg: i };
      if (size !== known.size) {
        throw new ShapeError(
          `vmap: the mapped axes differ in length: ${known.size} in argument ${known.arg}, ` +
            `${size} in argument ${i}, of shape ${show(x.shape)} along axis ${along}`,
        );
      }
      const whole = axisTo(x, along, 0);
      const { dtype, shape, backend } = whole;
      const one = example({ dtype, shape: shape.slice(1), backend, examples: x });
      seeds.set(one, whole);
      return one;
    });
  });
  return { inputs, seeds };
}

/** x with an axis moved to another place. */
function axisTo(x: Tensor, from: number, to: number): Tensor {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  return transpose(x, axes.toSpliced(to, 0, from));
}
