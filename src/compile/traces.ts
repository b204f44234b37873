import { readArguments, type Arguments } from "./arguments.ts";
import { checkArguments, type Call } from "./call.ts";
import { traceFunction, type Traced } from "./trace-function.ts";
import { DeviceError, TraceError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { requireBackend, type Backend, type OnProgress } from "../graph/backend.ts";
import { evaluate } from "../graph/evaluate.ts";
import type { Tensor } from "../graph/tensor.ts";
import { Variable } from "../graph/variable.ts";

/** The most traces of a function that are kept; that which was not used for longest is dropped first. */
const MOST_TRACES = 256;

/** The traces of a function: one for each device and kind of arguments that it has been called with. */
export class Traces {
  readonly #name: string;
  readonly #fn: (...args: unknown[]) => unknown;
  readonly #shapes: readonly (Shape | undefined)[] | undefined;
  readonly #onProgress: OnProgress | undefined;
  /** The one used last is at the end. */
  #kept: readonly Traced[] = [];
  #last: Call | null = null;

  /** `shapes` are those of arguments that are typed arrays; `onProgress` is told of a trace's pipelines. */
  constructor(
    name: string,
    fn: (...args: unknown[]) => unknown,
    shapes: readonly (Shape | undefined)[] | undefined,
    onProgress: OnProgress | undefined,
  ) {
    this.#name = name;
    this.#fn = fn;
    this.#shapes = shapes;
    this.#onProgress = onProgress;
  }

  /** The trace that serves such arguments, made now where there is none. */
  of(read: Arguments, backend = deviceOf(this.#name, read.tensors)): Traced {
    const kept = this.#kept;
    const traced =
      kept.find((t) => t.backend === backend && t.key === read.key && t.trace.holds) ??
      traceFunction(this.#name, this.#fn, read, backend, this.#onProgress);
    if (kept.at(-1) !== traced) {
      const others = kept.filter((t) => t !== traced && !t.backend.disposed);
      this.#kept = [...others, traced].slice(-MOST_TRACES);
    }
    return traced;
  }

  /** A call with these arguments, which are computed first. */
  callOf(args: readonly unknown[]): Call {
    const read = readArguments(this.#name, args, this.#shapes);
    const backend = deviceOf(this.#name, read.tensors);
    const lazy = read.tensors.filter((x) => !(x instanceof Variable));
    evaluate(
      lazy.map((x) => x.value),
      backend,
    );
    const traced = this.of(read, backend);
    checkArguments(traced, read.tensors);
    this.#last = { traced, tensors: read.tensors.map((x) => x.value) };
    return this.#last;
  }

  /** For what only looks at a call: without arguments, at the last one. */
  callOrLast(args: readonly unknown[]): Call {
    if (args.length > 0 || (!this.#last && this.#fn.length === 0)) return this.callOf(args);
    if (this.#last) return this.#last;
    throw new TraceError(`${this.#name}: there is no last call to look at; give it arguments`);
  }
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
