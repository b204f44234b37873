import type { Expression } from "./expression.ts";
import { differentiate } from "./functions.ts";
import { argumentsOf } from "./graph.tsx";
import {
  formula,
  identifier,
  math,
  numberOf,
  operator,
  row,
  subscriptedName,
  valuesAsNames,
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

/** The assignment of a node as a formula of the nodes before it; null where it is written otherwise. */
function assignmentOf(nodes: Nodes, k: number): Expression | null {
  const { expression } = nodes[k];
  if (argumentsOf(expression).length === 0) return null;
  try {
    return expressionOf(expression, nodes.length);
  } catch {
    return null;
  }
}

/** What forward mode does at a node, as MathML: its value, and its derivative by an input. */
export function forwardStep(nodes: Nodes, k: number, by: number): string[] {
  const values = nodes.map(({ value }) => value);
  const e = assignmentOf(nodes, k);
  const { value, tangents } = nodes[k];
  const equals = operator("=");
  if (!e) {
    const given = k === by ? "1" : "0";
    return [
      math(subscriptedName(k), equals, numberOf(value)),
      math(tangent(k), equals, `<mn>${given}</mn>`),
    ];
  }
  const sources = argumentsOf(nodes[k].expression);
  const partials = sources.map((i) => differentiate(e, i));
  const plus = operator("+");
  const join = (terms: string[]) =>
    row(...terms.flatMap((term, i) => (i > 0 ? [plus, term] : [term])));
  const product = (p: Expression, names: Parameters<typeof formula>[1], isSparse: boolean) => {
    const text = formula(p, names, isSparse);
    const isSum = p.kind === "call" && ["add", "sub", "neg"].includes(p.name);
    return isSum ? row(operator("("), text, operator(")")) : text;
  };
  const terms = partials.map((p, i) =>
    p.kind === "number" && p.value === 1
      ? tangent(sources[i])
      : row(product(p, subscriptedName, true), operator("·"), tangent(sources[i])),
  );
  const numbers = partials.map((p, i) =>
    row(
      product(p, valuesAsNames(values), false),
      operator("·"),
      negative(nodes[sources[i]].tangents[by]),
    ),
  );
  return [
    math(
      subscriptedName(k),
      equals,
      formula(e),
      equals,
      formula(e, valuesAsNames(values), false),
      equals,
      numberOf(value),
    ),
    math(tangent(k), equals, join(terms), equals, join(numbers), equals, numberOf(tangents[by])),
  ];
}

/** What reverse mode does at a node, as MathML: the sum over all that it went into. */
export function reverseStep(nodes: Nodes, i: number): string[] {
  const equals = operator("=");
  if (i === nodes.length - 1) return [math(adjoint(i), equals, "<mn>1</mn>")];
  const values = nodes.map(({ value }) => value);
  const users = nodes.flatMap(({ expression }, k) =>
    argumentsOf(expression).includes(i) ? [k] : [],
  );
  const parts = users.map((k) => {
    const e = assignmentOf(nodes, k);
    return { k, partial: e && differentiate(e, i) };
  });
  const wrapped = (p: Expression, text: string) =>
    p.kind === "call" && ["add", "sub", "neg"].includes(p.name)
      ? row(operator("("), text, operator(")"))
      : text;
  const joined = (of: (part: (typeof parts)[number]) => string) =>
    row(...parts.flatMap((part, j) => (j > 0 ? [operator("+"), of(part)] : [of(part)])));
  const symbols = joined(({ k, partial }) =>
    row(
      adjoint(k),
      operator("·"),
      partial
        ? wrapped(partial, formula(partial))
        : `<mfrac>${row(identifier("∂"), subscriptedName(k))}${row(identifier("∂"), subscriptedName(i))}</mfrac>`,
    ),
  );
  const known = parts.every(({ partial }) => partial);
  const numbers = joined(({ k, partial }) =>
    row(
      negative(nodes[k].adjoint),
      operator("·"),
      partial ? wrapped(partial, formula(partial, valuesAsNames(values), false)) : "",
    ),
  );
  return [
    math(
      adjoint(i),
      equals,
      symbols,
      ...(known ? [equals, numbers] : []),
      equals,
      numberOf(nodes[i].adjoint),
    ),
  ];
}
