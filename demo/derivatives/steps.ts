import type { Expression } from "./expression.ts";
import { differentiate } from "./functions.ts";
import { argumentsOf } from "./layout.ts";
import {
  formula,
  identifier,
  math,
  numberOf,
  operator,
  row,
  subscriptedName,
  valuesAsNames,
  type Names,
} from "./mathml.ts";
import type { Answers } from "./protocol.ts";
import { expressionOf } from "./read.ts";

type Nodes = Answers["trace"]["nodes"];

const index = (k: number) => `<mn>${k + 1}</mn>`;
const marked = (mark: string, k: number) =>
  `<msub><mover><mi>x</mi><mo>${mark}</mo></mover>${index(k)}</msub>`;
const tangent = (k: number) => marked("˙", k);
const adjoint = (k: number) => marked("¯", k);

const negative = (value: number) =>
  value < 0 ? row(operator("("), numberOf(value), operator(")")) : numberOf(value);

/** The assignment of a node as a formula of the nodes before it; null where it cannot be read. */
function assignmentOf(nodes: Nodes, k: number): Expression | null {
  try {
    // The library writes as calls with all their arguments what one writes shorter.
    const text = nodes[k].expression
      .replace(/^neg\((.*)\)$/, "-$1")
      .replace(/^(step.*), 0\)$/, "$1)");
    return expressionOf(text, nodes.length);
  } catch {
    return null;
  }
}

/** What is equal, in a line that may break before each sign of it. */
const equation = (first: string, ...others: string[]): string =>
  [math(first), ...others.map((side) => math(operator("="), side))].join(" ");

const sum = (terms: readonly string[]): string =>
  row(...terms.flatMap((term, i) => (i > 0 ? [operator("+"), term] : [term])));

/** One partial derivative times what came before: by its names, and by its numbers. */
interface Term {
  /** Null where the assignment is written in a way that is not read here. */
  partial: Expression | null;
  /** ∂xₖ/∂xᵢ. */
  of: readonly [k: number, i: number];
  name: string;
  value: number;
}

/** A partial derivative as a factor, in brackets where it is a sum. */
function factor(p: Expression, names?: Names): string {
  const text = formula(p, names, !names);
  const isSum = p.kind === "call" && ["add", "sub", "neg"].includes(p.name);
  return isSum ? row(operator("("), text, operator(")")) : text;
}

/** What is summed up, by names and, where all of it is known, by numbers. */
function sums(terms: readonly Term[], values: readonly number[]): string[] {
  const named = terms.map(({ partial, of: [k, i], name }) => {
    const unread = `<mfrac>${row(identifier("∂"), subscriptedName(k))}${row(identifier("∂"), subscriptedName(i))}</mfrac>`;
    const isOne = partial?.kind === "number" && partial.value === 1;
    return isOne ? name : row(partial ? factor(partial) : unread, operator("·"), name);
  });
  const numbers = terms.flatMap(({ partial, value }) =>
    partial ? [row(factor(partial, valuesAsNames(values)), operator("·"), negative(value))] : [],
  );
  return [sum(named), ...(numbers.length === terms.length ? [sum(numbers)] : [])];
}

/** What forward mode does at a node, as MathML: its value, and its derivative by an input. */
export function forwardStep(nodes: Nodes, k: number, by: number): string[] {
  const { expression, value, tangents } = nodes[k];
  const sources = argumentsOf(expression);
  const result = numberOf(tangents[by]);
  if (sources.length === 0)
    return [equation(subscriptedName(k), numberOf(value)), equation(tangent(k), result)];
  const values = nodes.map((node) => node.value);
  const e = assignmentOf(nodes, k);
  const terms = sources.map((i): Term => ({
    partial: e && differentiate(e, i),
    of: [k, i],
    name: tangent(i),
    value: nodes[i].tangents[by],
  }));
  const shown = e ? [formula(e), formula(e, valuesAsNames(values), false)] : [];
  return [
    equation(subscriptedName(k), ...shown, numberOf(value)),
    equation(tangent(k), ...sums(terms, values), result),
  ];
}

/** What reverse mode does at a node, as MathML: the sum over all that it went into. */
export function reverseStep(nodes: Nodes, i: number): string[] {
  const result = numberOf(nodes[i].adjoint);
  const users = nodes.flatMap(({ expression }, k) =>
    argumentsOf(expression).includes(i) ? [k] : [],
  );
  if (users.length === 0) return [equation(adjoint(i), result)];
  const values = nodes.map(({ value }) => value);
  const terms = users.map((k): Term => {
    const e = assignmentOf(nodes, k);
    return {
      partial: e && differentiate(e, i),
      of: [k, i],
      name: adjoint(k),
      value: nodes[k].adjoint,
    };
  });
  return [equation(adjoint(i), ...sums(terms, values), result)];
}
