import { arraysAsTensors, readArguments } from "./arguments.ts";
import { call, preserving } from "./call.ts";
import { inlined } from "./trace-function.ts";
import { Traces } from "./traces.ts";
import { checkCount } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import type { TypedArray } from "../base/dtype.ts";
import { TraceError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkList, type Shape } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import type { OnProgress, Plan } from "../graph/backend.ts";
import { keepsHistory } from "../graph/history.ts";
import { acceptArrays } from "../graph/host-arrays.ts";
import { unchanged } from "../graph/identity.ts";
import { Tensor } from "../graph/tensor.ts";
import { currentTrace } from "../graph/trace.ts";
import { explainPlan } from "../inspect/explain.ts";
import { loadLate } from "../inspect/load.ts";
import { observe } from "../inspect/observe.ts";
import type { Profile } from "../inspect/profile.ts";
import type { Validation } from "../inspect/validate.ts";

/** What may stand where a compiled function's parameter is a tensor. */
export type Argument<T> = (T extends Tensor ? number : never) | Part<T>;

/** The same within arrays and objects, where numbers are static. */
export type Part<T> = T extends Tensor
  ? Tensor | TypedArray
  : T extends object
    ? { [K in keyof T]: Part<T[K]> }
    : T;

/** What a compiled function is called with. */
export type ArgumentsOf<A extends unknown[]> = { [K in keyof A]: Argument<A[K]> };

/** The parameters of a function that can be compiled: what is called with a number is a tensor in it. */
type Parameters<A extends unknown[]> = {
  [K in keyof A]: [Extract<A[K], number>] extends [never] ? A[K] : Tensor;
};

/** The shapes of typed arrays, and how long preparing takes. */
export interface CompileOptions {
  /** Shapes for typed arrays, one for each argument; one length in each may be −1 and is then inferred. */
  inputs?: readonly (Shape | undefined)[];
  /**
   * Is told how many of the pipelines of a step have been made, each time that one more has: for a page to show, while
   * it waits for the first step or for `ready`. On the reference there are none, and it is not called.
   */
  onProgress?: OnProgress;
}

/** A function that is traced once for each set of input shapes and then replayed. */
export interface Compiled<A extends unknown[], R> {
  /**
   * Runs the step; returns at once.
   * @param args those of the function; typed arrays and numbers stand for tensors
   * @returns what the function returns
   */
  (...args: ArgumentsOf<A>): R;
  /**
   * Runs the step n times on the same arguments, in as few submissions as may be; results have a leading axis n.
   * @param n how many times
   * @returns a function of the arguments, whose results have a leading axis n
   */
  repeat(n: number): (...args: ArgumentsOf<A>) => R;
  /**
   * Prepares a call without running it: traces, plans, and has the pipelines made. Resolves when a call with such
   * arguments would start at once; only their shapes and dtypes matter. Rejects with what tracing throws.
   * @param args as for a call
   */
  ready(...args: ArgumentsOf<A>): Promise<void>;
  /**
   * The dispatches in order and the peak memory, as text; without arguments, of the last call.
   * @param args as for a call, or none
   * @returns a line for each dispatch, and one for the sum
   */
  explain(...args: ArgumentsOf<A> | []): string;
  /**
   * The same as data. Where shaders run on a CPU, the first runs may have other kernels, which compile sooner.
   * @param args as for a call, or none
   * @returns dispatches and memory
   */
  plan(...args: ArgumentsOf<A> | []): Plan;
  /**
   * The plan with the time that each dispatch takes.
   * @param args as for a call, or none
   * @returns the plan with times
   */
  profile(...args: ArgumentsOf<A> | []): Promise<Profile>;
  /**
   * One run against the float64 reference: the worst error by op and by kernel.
   * @param args as for a call, or none
   * @returns the errors, worst first
   */
  validate(...args: ArgumentsOf<A> | []): Promise<Validation>;
}

/**
 * Makes a function run as one prepared plan, as JAX's jit does. JavaScript runs once for each distinct set of input
 * shapes and static arguments: shapes, loops and branches are fixed then (`if (x)` on a tensor can't be seen; use
 * `where`). Tensors and typed arrays are inputs; a number that is itself an argument is an input too. Variables reached
 * through the closure are state, read at each call; other tensors in the closure are constants.
 *
 * What it returns carries no history, so differentiate inside or the function itself: `compile(grad(f))`,
 * `grad(compile(f))`. While a function is compiled or differentiated that calls it, it runs as it was written.
 * @param fn a function of tensors, and of nested arrays and objects of them; what else it is given is fixed in a trace
 * @param options shapes for typed arrays, and whom to tell of progress
 * @returns the compiled function, called as `fn` is
 * @throws ValueError where the number of shapes, or of repetitions, is none
 * @throws ShapeError where a typed array does not fit its shape
 * @throws DtypeError where a number is none of the dtype it meets
 */
export function compile<A extends unknown[], R>(
  fn: ((...args: A) => R) & ((...args: Parameters<A>) => R),
  options: CompileOptions = {},
): Compiled<A, R> {
  checkInstance("compile", fn, Function, "a function");
  checkOptions("compile", options, ["inputs", "onProgress"]);
  const { inputs, onProgress } = options;
  if (onProgress !== undefined)
    checkInstance("compile", onProgress, Function, "onProgress, a function");
  if (inputs !== undefined) {
    checkList("compile", "inputs are a list of shapes, one for each argument", inputs);
  }
  const name = fn.name || "compiled function";
  const traces = new Traces(name, fn as (...args: unknown[]) => unknown, inputs, onProgress);

  // What only those who look at a call need is loaded when they do.
  const compiled = Object.assign(
    (...args: ArgumentsOf<A>): R => {
      if (currentTrace() || keepsHistory()) {
        const returned = fn(...(inlined(name, args, inputs) as A));
        return mapTree(returned, (leaf) => (leaf instanceof Tensor ? unchanged(leaf) : leaf)) as R;
      }
      return call(traces.callOf(args), null) as R;
    },
    {
      repeat: (n: number) => {
        checkCount("repeat: the number of repetitions", n);
        return (...args: ArgumentsOf<A>) => {
          if (currentTrace()) {
            throw new TraceError("repeat: not within a compiled function; call the step in a loop");
          }
          return call(traces.callOf(args), n) as R;
        };
      },
      ready: async (...args: unknown[]) => {
        if (currentTrace()) throw new TraceError("ready: not within a compiled function");
        await traces.of(readArguments(name, args, inputs)).executable.ready();
      },
      explain: (...args: unknown[]) => explainPlan(traces.callOrLast(args).traced.executable.plan),
      plan: (...args: unknown[]) => traces.callOrLast(args).traced.executable.plan,
      profile: async (...args: unknown[]) => {
        const { traced, tensors } = traces.callOrLast(args);
        const [times, { profilePlan }] = await Promise.all([
          preserving(traced, () => traced.executable.time(tensors)),
          loadLate(),
        ]);
        return profilePlan(traced.executable.plan, times);
      },
      validate: async (...args: unknown[]) => {
        const { traced, tensors } = traces.callOrLast(args);
        const { backend, program, executable } = traced;
        const [run, { validateRun }] = await Promise.all([
          preserving(traced, () => observe(backend, program, executable, tensors)),
          loadLate(),
        ]);
        return validateRun(backend, run);
      },
    },
  );
  acceptArrays(compiled, (args) => arraysAsTensors(name, args, inputs));
  return compiled;
}
