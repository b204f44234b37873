import { arraysAsTensors, Hole, readArguments, type Arguments } from "./arguments.ts";
import { wasAsync } from "../base/async.ts";
import { checkCount } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import type { TypedArray } from "../base/dtype.ts";
import { DeviceError, TraceError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkList, type Shape } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import { explainPlan } from "../inspect/explain.ts";
import {
  requireBackend,
  type Backend,
  type Executable,
  type OnProgress,
  type Plan,
} from "../graph/backend.ts";
import { placeholder } from "../graph/build.ts";
import { compiledCut, dependenciesOf, type OutputDependencies } from "../graph/compiled-cut.ts";
import { evaluate } from "../graph/evaluate.ts";
import { keepsHistory, protectReaders } from "../graph/history.ts";
import { acceptArrays } from "../graph/host-arrays.ts";
import { identity, unchanged } from "../graph/identity.ts";
import type { Program } from "../graph/program.ts";
import { Tensor, topologicalOrder } from "../graph/tensor.ts";
import { currentTrace, Trace, withTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
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

/** A function traced for one kind of arguments on one device. */
interface Traced {
  backend: Backend;
  key: string;
  trace: Trace;
  program: Program;
  executable: Executable;
  /** Tensors from outside of the trace. */
  constants: readonly Tensor[];
  /** What each output was computed from. */
  dependencies: readonly OutputDependencies[];
  /** What the function returned, its tensors as places among the outputs. */
  result: unknown;
}

/** The most traces of a function that are kept; that which was not used for longest is dropped first. */
const MOST_TRACES = 256;

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
  /** The one used last is at the end. */
  let traces: readonly Traced[] = [];
  let last: { traced: Traced; tensors: readonly Tensor[] } | null = null;

  /** The trace that serves a call, made now where there is none. */
  const traceOf = (read: Arguments, backend: Backend): Traced => {
    const found = traces.find((t) => t.backend === backend && t.key === read.key && t.trace.holds);
    const traced =
      found ??
      traceFunction(name, fn as (...args: unknown[]) => unknown, read, backend, onProgress);
    if (traces.at(-1) !== traced) {
      const others = traces.filter((t) => t !== traced && !t.backend.disposed);
      traces = [...others, traced].slice(-MOST_TRACES);
    }
    return traced;
  };
  const prepare = (args: readonly unknown[]) => {
    const read = readArguments(name, args, inputs);
    const backend = deviceOf(name, read.tensors);
    const lazy = read.tensors.filter((x) => !(x instanceof Variable));
    evaluate(
      lazy.map((x) => x.value),
      backend,
    );
    const traced = traceOf(read, backend);
    checkArguments(traced, read.tensors);
    last = { traced, tensors: read.tensors.map((x) => x.value) };
    return last;
  };
  /** For what only looks at a call: without arguments, at the last one. */
  const prepareOrLast = (args: readonly unknown[]) => {
    if (args.length > 0 || (!last && fn.length === 0)) return prepare(args);
    if (last) return last;
    throw new TraceError(`${name}: there is no last call to look at; give it arguments`);
  };

  // What only those who look at a call need is loaded when they do.
  const compiled = Object.assign(
    (...args: ArgumentsOf<A>): R => {
      if (currentTrace() || keepsHistory()) {
        const returned = fn(...(inlined(name, args, inputs) as A));
        return mapTree(returned, (leaf) => (leaf instanceof Tensor ? unchanged(leaf) : leaf)) as R;
      }
      return call(prepare(args), null) as R;
    },
    {
      repeat: (n: number) => {
        checkCount("repeat: the number of repetitions", n);
        return (...args: ArgumentsOf<A>) => {
          if (currentTrace()) {
            throw new TraceError("repeat: not within a compiled function; call the step in a loop");
          }
          return call(prepare(args), n) as R;
        };
      },
      ready: async (...args: unknown[]) => {
        if (currentTrace()) throw new TraceError("ready: not within a compiled function");
        const read = readArguments(name, args, inputs);
        await traceOf(read, deviceOf(name, read.tensors)).executable.ready();
      },
      explain: (...args: unknown[]) => explainPlan(prepareOrLast(args).traced.executable.plan),
      plan: (...args: unknown[]) => prepareOrLast(args).traced.executable.plan,
      profile: async (...args: unknown[]) => {
        const { traced, tensors } = prepareOrLast(args);
        const [times, { profilePlan }] = await Promise.all([
          preserving(traced, () => traced.executable.time(tensors)),
          loadLate(),
        ]);
        return profilePlan(traced.executable.plan, times);
      },
      validate: async (...args: unknown[]) => {
        const { traced, tensors } = prepareOrLast(args);
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

/** Looks at the arguments whose values the host knows: a label outside of the classes is an error here. */
function checkArguments({ trace }: Traced, tensors: readonly Tensor[]): void {
  for (const { position, check } of trace.checks) {
    const { source } = tensors[position].value;
    if (source?.kind === "constant") check(source.data);
  }
}

/** Runs a traced function, once or n times over, and gives its results the form that it returned them in. */
function call(
  { traced, tensors }: { traced: Traced; tensors: readonly Tensor[] },
  n: number | null,
): unknown {
  const { backend, program, executable } = traced;
  backend.check();
  flush(traced);
  protectReaders(
    backend,
    program.effects.map(({ variable }) => variable),
  );
  const cuts = traced.dependencies.map((own) => compiledCut(own, tensors));
  const storages = executable.run(tensors, n ?? 1);
  return mapTree(traced.result, (leaf) => {
    if (!(leaf instanceof Hole)) return leaf;
    const { shape, dtype } = program.outputs[leaf.index];
    const y = new Tensor({ shape: n === null ? shape : [n, ...shape], dtype });
    y.backend = backend;
    Object.assign(y, cuts[leaf.index]);
    y.settle({ kind: "stored", storage: storages[leaf.index] });
    return y;
  });
}

/** Carries out what is still pending on the variables that a program reads. */
function flush({ backend, trace, constants }: Traced): void {
  for (const variable of trace.versions.keys()) {
    void variable.value;
    variable.bind(backend);
    if (variable.backend !== backend) {
      throw new DeviceError(
        `a variable of ${variable.backend?.label} is used by a function compiled for ${backend.label}`,
      );
    }
  }
  // Those that went with a lost device are computed again.
  evaluate(constants, backend);
}

function deviceOf(name: string, tensors: readonly Tensor[]): Backend {
  const own = new Set(tensors.map((x) => x.backend).filter((b) => b !== null));
  if (own.size > 1) {
    throw new DeviceError(
      `${name}: the arguments belong to different devices, ${[...own].map((b) => b.label).join(" and ")}`,
    );
  }
  return requireBackend([...own][0]);
}

function traceFunction(
  name: string,
  fn: (...args: unknown[]) => unknown,
  args: Arguments,
  backend: Backend,
  onProgress: OnProgress | undefined,
): Traced {
  const trace = new Trace(backend);
  const inputs: Tensor[] = [];
  const returned = withTrace(trace, () => {
    args.tensors.forEach((x, i) => inputs.push(inputFor(name, x, i, args.weak[i])));
    return fn(...args.rebuild((i) => inputs[i]));
  });
  if (wasAsync(returned)) {
    throw new TraceError(
      `${name}: an async function cannot be compiled; await what it returns instead`,
    );
  }
  const outputs: Tensor[] = [];
  const result = mapTree(returned, (leaf) =>
    leaf instanceof Tensor ? new Hole(outputs.push(withTrace(trace, () => leaf.value)) - 1) : leaf,
  );
  const { effects } = trace;
  const constants = settleConstants([...outputs, ...effects.map((e) => e.value)], backend);
  const program: Program = { name, inputs, outputs, effects, lasting: true };
  const executable = backend.prepare(program, { onProgress });
  const dependencies = dependenciesOf(outputs, inputs);
  return { backend, key: args.key, trace, program, executable, constants, dependencies, result };
}

/** The node that stands for an argument. */
function inputFor(name: string, x: Tensor, position: number, weak: boolean): Tensor {
  const input = placeholder(x, position);
  input.weak = weak;
  return byValue(name, x, position, input);
}

/** The arguments for a function that is called while another one is traced. */
function inlined(
  name: string,
  args: readonly unknown[],
  shapes: CompileOptions["inputs"],
): unknown[] {
  const { tensors, rebuild } = readArguments(name, args, shapes);
  return rebuild((i) => {
    const x = tensors[i];
    return x instanceof Variable ? byValue(name, x, i, identity(x)) : x;
  });
}

/** A node in the place of x that refuses to be assigned, if x is a variable. */
function byValue(name: string, x: Tensor, position: number, node: Tensor): Tensor {
  if (!(x instanceof Variable)) return node;
  return Object.defineProperty(node, "assign", {
    value: () => {
      throw new TraceError(
        `${name}: argument ${position} is a variable passed by value, which cannot be assigned; reach it through the closure`,
      );
    },
  });
}

/** Tensors that were made outside of the trace are constants of it: they are computed now, once. */
function settleConstants(roots: readonly Tensor[], backend: Backend): readonly Tensor[] {
  const order = topologicalOrder(roots);
  const outside = (x: Tensor) => x.trace === null && x.op !== null;
  const used = new Set(order.filter((x) => !outside(x)).flatMap((x) => x.inputs));
  roots.forEach((x) => used.add(x));
  const constants = [...used].filter((x) => x.trace === null);
  evaluate(constants.filter(outside), backend);
  for (const x of constants) {
    // A derivative through a tensor of the closure: its variables are read as they were then.
    if (x.source?.kind === "variable") {
      const { variable } = x.source;
      variable.protectReaders(() => backend.copyOf(variable));
    }
    x.constant = true;
  }
  return constants;
}

/**
 * Calls `action` and then gives each variable that it assigned its value back. What a device has to do for either is
 * asked for before this returns, so that nothing else can come in between.
 */
function preserving<T>(traced: Traced, action: () => T): T {
  flush(traced);
  const { backend, program } = traced;
  const kept = program.effects.map(({ variable }) => [variable, backend.copyOf(variable)] as const);
  try {
    return action();
  } finally {
    for (const [variable, storage] of kept) {
      backend.restore(variable, storage);
      storage.release();
    }
  }
}
