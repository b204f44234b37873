import type { HostArray } from "../base/dtype.ts";
import type { Backend } from "./backend.ts";
import type { Effect } from "./program.ts";
import type { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/** What an argument must be, where the host knows its values: throws otherwise. */
interface Check {
  position: number;
  check: (data: HostArray) => void;
}

/** What a function does while it is traced: which variables it reads and assigns, and what it depends on. */
export class Trace {
  /** The device that it is made for; null where none is needed. */
  readonly backend: Backend | null;
  /** Each variable's value at this point of the trace. */
  readonly versions = new Map<Variable, Tensor>();
  readonly #assigned = new Set<Variable>();
  /** Whether each thing that the trace depended on is as it was: a module's training flag, say. */
  readonly #flags = new Map<object, () => boolean>();
  /** What the function sets on the host, to be set again in every call. */
  readonly acts: (() => void)[] = [];
  /** What takes the same back, the last first: nothing that tracing sets outlasts it. */
  readonly undos: (() => void)[] = [];
  /** To be made of the arguments of every call. */
  readonly checks: Check[] = [];
  /** How many random draws it has made; they are numbered from 1, and 0 is for draws outside of traces. */
  draws = 0;

  constructor(backend: Backend | null) {
    this.backend = backend;
  }

  assign(variable: Variable, value: Tensor): void {
    this.versions.set(variable, value);
    this.#assigned.add(variable);
  }

  get effects(): Effect[] {
    return [...this.#assigned].map((variable) => ({
      variable,
      value: this.versions.get(variable)!,
    }));
  }

  /**
   * Makes what `read` says of an owner part of the key: the trace is good only while it says the same. The first word on
   * an owner counts: what the function itself has set before, by `read` left out, is the same in every call.
   */
  dependOn(owner: object, read?: () => unknown): void {
    if (this.#flags.has(owner)) return;
    const value = read?.();
    this.#flags.set(owner, () => read?.() === value);
  }

  /** Notes what the function sets on the host, and how the end of tracing takes it back. */
  act(set: () => void, undo: () => void): void {
    this.acts.push(set);
    this.undos.unshift(undo);
  }

  /** Whether all that the trace depended on is as it was. */
  get holds(): boolean {
    return [...this.#flags.values()].every((isSame) => isSame());
  }
}

let current: Trace | null = null;

/** The trace that is under way, if any. */
export const currentTrace = (): Trace | null => current;

/** Calls `fn` with its ops, assignments and settings recorded in `trace` and not made; null suspends tracing. */
export function withTrace<T>(trace: Trace | null, fn: () => T): T {
  const outer = current;
  current = trace;
  try {
    return fn();
  } finally {
    current = outer;
    trace?.undos.splice(0).forEach((undo) => undo());
  }
}

let checkAssigned: ((value: Tensor) => void) | null = null;

/** Calls `fn`, and `check` with each value that a variable is given meanwhile. */
export function checkingAssigned<T>(check: (value: Tensor) => void, fn: () => T): T {
  const outer = checkAssigned;
  checkAssigned = (value) => {
    check(value);
    outer?.(value);
  };
  try {
    return fn();
  } finally {
    checkAssigned = outer;
  }
}

/** Throws where a variable may not be given this value now. */
export const checkAssignment = (value: Tensor): void => checkAssigned?.(value);
