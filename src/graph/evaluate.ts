import { TraceError } from "../base/errors.ts";
import { getOrMake } from "../base/maps.ts";
import { currentBackend, requireBackend, type Backend, type Executable } from "./backend.ts";
import { canonicalize } from "./canonical.ts";
import { protectReaders, remember, shorten } from "./history.ts";
import { describe, newestId, topologicalOrder, type Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/** Pending assignments are carried out at the latest after this many nodes, so that an eager loop stays flat. */
const LONGEST_DELAY = 1000;

/** Variables whose last assigned value is not in their storage yet. */
export const pendingAssigns = new Set<Variable>();

let lastFlush = 0;

/** Programs already prepared, by structure. */
type Programs = Map<string, Executable>;

/** The programs of a device; those that mention variables are kept by one of them, and go when it is collected. */
const prepared = new WeakMap<Backend, { general: Programs; of: WeakMap<Variable, Programs> }>();
/** The most programs that are kept in one place; the oldest are dropped first. */
const MOST_PREPARED = 256;

function preparedFor(backend: Backend, [variable]: readonly Variable[]): Programs {
  const own = getOrMake(prepared, backend, () => ({ general: new Map(), of: new WeakMap() }));
  return variable ? getOrMake(own.of, variable, () => new Map()) : own.general;
}

/** The variables that a program assigns or reads. */
function variablesIn(outputs: readonly Tensor[], assigned: readonly Variable[]): Variable[] {
  const read = topologicalOrder([...outputs, ...assigned.map((v) => v.pending!)]).flatMap((x) =>
    x.source?.kind === "variable" ? [x.source.variable] : [],
  );
  return [...assigned, ...read];
}

/**
 * Starts the computation of all of `outputs` and of the assignments that are pending on their device.
 * Each becomes a source; the values are there when the backend has caught up.
 */
export function evaluate(outputs: readonly Tensor[], device: Backend | null = null): void {
  const traced = outputs.find((x) => x.trace !== null);
  if (traced) {
    throw new TraceError(
      `${describe(traced)} is being traced by compile(): it has no value to read; return it from the function`,
    );
  }
  const known = device ?? outputs.find((x) => x.backend)?.backend ?? currentBackend();
  const variables = [...pendingAssigns].filter((v) => {
    v.bind(known);
    return v.backend === known;
  });
  // A value that is being assigned becomes its variable's.
  const assigned = new Set(variables.map((v) => v.pending));
  const open = outputs.filter((x) => x.source === null && !assigned.has(x));
  if (open.length === 0 && variables.length === 0) return;
  const backend = requireBackend(known);
  backend.check();
  try {
    run(backend, open, variables);
  } catch (error) {
    if (variables.length === 0) throw error;
    assign(backend, variables);
    if (open.length > 0) run(backend, open, []);
  }
  lastFlush = newestId();
}

/** Carries assignments out. A variable whose assignment fails has no value from then on; the others get theirs. */
function assign(backend: Backend, variables: readonly Variable[]): void {
  try {
    run(backend, [], variables);
  } catch (error) {
    const [variable, ...others] = variables;
    if (others.length > 0) {
      const half = Math.ceil(variables.length / 2);
      assign(backend, variables.slice(0, half));
      assign(backend, variables.slice(half));
      return;
    }
    protectReaders(backend, [variable]);
    backend.lose(variable, error);
    settled(variable);
  }
}

function run(backend: Backend, outputs: readonly Tensor[], variables: readonly Variable[]): void {
  const { key, args, build } = canonicalize(
    outputs,
    variables.map((variable) => ({ variable, value: variable.pending! })),
  );
  const programs = preparedFor(backend, variablesIn(outputs, variables));
  const executable = programs.get(key) ?? backend.prepare(build());
  programs.delete(key);
  programs.set(key, executable);
  if (programs.size > MOST_PREPARED) programs.delete(programs.keys().next().value!);

  remember(outputs);
  protectReaders(backend, variables);
  const storages = executable.run(args);
  outputs.forEach((x, i) => {
    x.backend = backend;
    x.settle({ kind: "stored", storage: storages[i] });
  });
  variables.forEach(settled);
  shorten(outputs);
}

/** Notes that a variable's last assignment is over. */
function settled(variable: Variable): void {
  variable.carryOut();
  pendingAssigns.delete(variable);
}

/** Carries pending assignments out when many nodes have been made since the last time. */
export function flushIfLong(backend: Backend | null): void {
  if (backend && newestId() - lastFlush >= LONGEST_DELAY) evaluate([], backend);
}
