import { scalarOf } from "../autodiff/grad.ts";
import { pullBack } from "../autodiff/pull-back.ts";
import { pushForward } from "../autodiff/push-forward.ts";
import { evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import { checkNumber } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { GradientError, ShapeError, TraceError } from "../base/errors.ts";
import { placeholder } from "../graph/build.ts";
import { describe, ordered, Tensor, topologicalOrder } from "../graph/tensor.ts";
import { Trace, withTrace } from "../graph/trace.ts";
import { mergeEqual } from "./merge-equal.ts";
import { expressionOf, traceText } from "./trace-text.ts";

const NAME = "evaluationTrace";

/** A node of an evaluation trace. */
export interface TraceNode {
  /** "x1", "x2", …: inputs first, then all else in the order of its creation. */
  name: string;
  /** What it is computed from, as in "x1 · x2" or "sin(x3)"; of an input, its value. */
  expression: string;
  /** In float64. */
  value: number;
  /** Its derivative by each input: a row of the table of forward mode. 0 for what is no float. */
  tangents: readonly number[];
  /** The derivative of f by it: the row of reverse mode. 0 for what is no float. */
  adjoint: number;
}

/** What a mode of differentiation takes. */
export interface TraceCost {
  /** How often the graph is walked: once for each input, or once. */
  passes: number;
  /** The ops evaluated in all passes, values and derivatives, equal ones of a pass once. */
  operations: number;
  /** The most values that are alive at once in a pass: each is let go after its last use. */
  kept: number;
}

/** A function as a list of assignments, with the derivatives that both modes find. */
export interface EvaluationTrace {
  /** Inputs first, then in the order of their creation. */
  nodes: readonly TraceNode[];
  /** For all derivatives of f by its inputs. */
  cost: Readonly<Record<"forward" | "reverse", TraceCost>>;
  /**
   * The table of each mode, and their costs side by side.
   * @returns the text
   */
  toString(): string;
}

/**
 * The evaluation trace (Wengert list) of a function of scalars: f as a list of assignments, each of one op, with the
 * tangents of forward mode, ∂xₖ/∂xⱼ for each input xⱼ, and the adjoints of reverse mode, ∂f/∂xₖ. They come from the
 * derivative rules of the ops on the float64 reference. No device is needed, and none is used.
 *
 * Equal applications are one node. What depends on no input is a constant and stands inside the expressions; it has to
 * be known on the host. Forward mode computes tangents along with the values and lets go of both; reverse mode has to
 * keep the values until their adjoints are computed.
 *
 * All nodes are scalars: another is a ShapeError that names it. Where f depends on an input only through an op that has
 * no derivative, a GradientError names the op. Wengert 1964; Griewank, Walther: "Evaluating Derivatives", 2008.
 * @param f a function of scalars that returns a scalar
 * @param args numbers, one for each argument
 * @returns the nodes, inputs first, and the costs of both modes
 * @throws ShapeError where a node is no scalar
 * @throws ValueError where a value is not known on the host
 * @throws GradientError where f depends on an input only through ops without derivatives
 */
export function evaluationTrace(
  f: (...xs: Tensor[]) => Tensor,
  ...args: number[]
): EvaluationTrace {
  checkInstance(NAME, f, Function, "a function");
  args.forEach((x, i) => checkNumber(`${NAME}: argument ${i}`, x, "a number", () => true));
  return withTrace(new Trace(null), () => traced(f, args));
}

function traced(f: (...xs: Tensor[]) => Tensor, args: readonly number[]): EvaluationTrace {
  const inputs = args.map(() => placeholder({ shape: [], dtype: "float32" }));
  const { nodes, y } = graphOf(f(...inputs), inputs);
  const names = new Map(nodes.map((x, i) => [x, `x${i + 1}`]));
  const expressions = nodes.map((x, i) =>
    x.application ? expressionOf(x.application, names) : String(args[i]),
  );
  checkScalars(nodes, expressions);
  checkFloat(y);
  const forward = inputs.map((x) => passForward(nodes, y, x, names));
  const reverse = passBack(nodes, y, inputs);
  const given = new Map(inputs.map((x, i) => [x, args[i]]));
  const numbers = evaluated([...forward, reverse], [...nodes, y], given);
  const derivative = ({ found }: Pass, x: Tensor) => numbers.get(found.get(x)!) ?? 0;
  const table = nodes.map((x, i): TraceNode => ({
    name: names.get(x)!,
    expression: expressions[i],
    value: numbers.get(x)!,
    tangents: forward.map((pass) => derivative(pass, x)),
    adjoint: derivative(reverse, x),
  }));
  const cost = { forward: costOf(forward), reverse: costOf([reverse]) };
  const usersOf = (i: number) =>
    nodes.filter((z) => z.inputs.includes(nodes[i])).map((z) => names.get(z)!);
  const result = { name: names.get(y), value: numbers.get(y)! };
  const toString = () => traceText({ table, cost, usersOf, inputs: args.length, result });
  return { nodes: table, cost, toString };
}

/** The nodes behind what the function returned, inputs first, with equal ones merged, and which of them it is. */
function graphOf(result: unknown, inputs: readonly Tensor[]): { nodes: Tensor[]; y: Tensor } {
  const root = result instanceof Tensor ? result.value : scalarOf(NAME, result);
  const made = topologicalOrder([root]);
  checkSources(made, inputs);
  const merged = mergeEqual(new Set([...inputs, ...made]));
  const nodes = [...new Set(merged.values())].filter((x) => x.source?.kind !== "constant");
  return { nodes, y: merged.get(root)! };
}

/** Throws where a value is not known on the host: that of a variable, or what a device has computed. */
function checkSources(nodes: readonly Tensor[], inputs: readonly Tensor[]): void {
  const open = nodes.find((x) => x.source && x.source.kind !== "constant" && !inputs.includes(x));
  if (!open) return;
  throw new TraceError(
    `${NAME}: the function reads ${describe(open)} from its closure, which only its device knows; ` +
      "read it first and pass the number: await x.item()",
  );
}

function checkScalars(nodes: readonly Tensor[], expressions: readonly string[]): void {
  const i = nodes.findIndex((x) => x.rank > 0);
  if (i < 0) return;
  throw new ShapeError(
    `${NAME}: all nodes are scalars, but x${i + 1} = ${expressions[i]} is ${describe(nodes[i])}`,
  );
}

function checkFloat(y: Tensor): void {
  if (isFloat(scalarOf(NAME, y).dtype)) return;
  throw new GradientError(`${NAME}: the function returned ${describe(y)}, which is no float`);
}

/** One walk over the graph, in one of the modes. */
interface Pass {
  /** The derivative that is given: 1. */
  seed: Tensor;
  /** The derivatives of nodes, but for zeros. */
  found: ReadonlyMap<Tensor, Tensor>;
  /** What is wanted in the end: f and its derivatives. */
  roots: readonly Tensor[];
  /** All that is computed for it, in turn, and maybe more. */
  order: readonly Tensor[];
}

/** The derivatives of all nodes by the input x. */
function passForward(
  nodes: readonly Tensor[],
  y: Tensor,
  x: Tensor,
  names: ReadonlyMap<Tensor, string>,
): Pass {
  const seed = placeholder(x);
  const seeds = new Map([[x, { tangent: seed, reached: 1n, depends: 1n }]]);
  const { changes, stops } = pushForward([y], seeds, () => false);
  const change = changes.get(y);
  if (change?.depends && !change.reached) {
    throw new GradientError(
      `${NAME}: ${names.get(y)} depends on ${names.get(x)} only through ${stops.at(-1)!.op}, which has no derivative`,
    );
  }
  const found = present(nodes, (z) => changes.get(z)?.tangent);
  // The tangent of each node right after its value, so that neither has to be kept for long.
  const turns = nodes.flatMap((z) => [[z], [found.get(z) ?? z]]);
  const roots = [y, found.get(y) ?? y];
  return { seed, found, roots, order: inTurn([...turns, roots]) };
}

/** The derivatives of y by all nodes. */
function passBack(nodes: readonly Tensor[], y: Tensor, inputs: readonly Tensor[]): Pass {
  const seed = placeholder(y);
  const { cotangents } = pullBack([[y, seed]], inputs);
  const found = present(nodes, (z) => cotangents.get(z));
  const roots = [y, ...inputs.flatMap((x) => found.get(x) ?? [])];
  return { seed, found, roots, order: inTurn([nodes, roots]) };
}

const present = (nodes: readonly Tensor[], of: (z: Tensor) => Tensor | null | undefined) =>
  new Map(
    nodes.flatMap((z) => {
      const derivative = of(z);
      return derivative ? [[z, derivative] as const] : [];
    }),
  );

/** All that leads to some nodes, once each: first what leads to the first of the groups. */
function inTurn(groups: readonly (readonly Tensor[])[]): Tensor[] {
  const seen = new Set<Tensor>();
  for (const group of groups) {
    const open = ordered(group, (x) => (seen.has(x) ? [] : x.inputs));
    for (const x of open) seen.add(x);
  }
  return [...seen];
}

/** The numbers that nodes and their derivatives are. */
function evaluated(
  passes: readonly Pass[],
  nodes: readonly Tensor[],
  given: ReadonlyMap<Tensor, number>,
): Map<Tensor, number> {
  const seeds = new Set(passes.map(({ seed }) => seed));
  const leaf = (x: Tensor) =>
    x.source?.kind === "constant"
      ? x.source.data
      : Float64Array.of(seeds.has(x) ? 1 : given.get(x)!);
  const roots = [...nodes, ...passes.flatMap(({ found }) => [...found.values()])];
  const values = interpret(roots, leaf, evaluateReal("float64"));
  return new Map(roots.map((x, i) => [x, values[i][0]]));
}

function costOf(passes: readonly Pass[]): TraceCost {
  let [operations, kept] = [0, 0];
  for (const { roots, order } of passes) {
    const merged = mergeEqual(order);
    const ends = roots.map((x) => merged.get(x)!);
    const nodes = topologicalOrder(ends).filter((x) => x.source?.kind !== "constant");
    operations += nodes.filter((x) => x.op).length;
    kept = Math.max(kept, mostAlive(nodes, ends));
  }
  return { passes: passes.length, operations, kept };
}

/** How many of some values are alive at most, if each is let go after its last use. */
function mostAlive(nodes: readonly Tensor[], ends: readonly Tensor[]): number {
  const lastUse = new Map<Tensor, Tensor>();
  for (const x of nodes) for (const input of x.inputs) lastUse.set(input, x);
  const alive = new Set<Tensor>();
  let most = 0;
  for (const x of nodes) {
    most = Math.max(most, alive.add(x).size);
    for (const input of x.inputs) {
      if (lastUse.get(input) === x && !ends.includes(input)) alive.delete(input);
    }
  }
  return most;
}
