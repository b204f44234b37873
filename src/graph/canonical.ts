import { TraceError } from "../base/errors.ts";
import { getOrMake } from "../base/maps.ts";
import type { Application } from "./application.ts";
import type { Body } from "./body.ts";
import type { Effect, Program } from "./program.ts";
import { describe, ordered, Tensor, topologicalOrder } from "./tensor.ts";

/** A graph's structure as text, what it is applied to, and how to make a program of it. */
export interface Canonical {
  /** Equal for graphs that one program can serve. */
  key: string;
  /** The values that differ between such graphs: what the program's inputs stand for. */
  args: Tensor[];
  build(): Program;
}

/** Separates the structure of an eager graph from the values it starts from; what is computed alike is computed once. */
export function canonicalize(outputs: readonly Tensor[], effects: readonly Effect[]): Canonical {
  const args: Tensor[] = [];
  const order = topologicalOrder([...outputs, ...effects.map((e) => e.value)]);
  const numbered = numberNodes(order, (x) => (isArgument(x) ? args.push(x) - 1 : null));
  const { lines, number } = numbered;
  const key = [
    ...lines,
    `return ${outputs.map((x) => number.get(x))}`,
    ...effects.map((e) => `v${e.variable.id} = ${number.get(e.value)}`),
  ].join(";");
  return { key, args, build: () => program(numbered, args, outputs, effects) };
}

/** Bare numbers are part of the structure, so that kernels can be simplified by them; other values are arguments. */
function isArgument(x: Tensor): boolean {
  if (x.source?.kind === "mapped") {
    throw new TraceError(`${describe(x)} has no value outside of vmap()`);
  }
  return x.source?.kind === "stored" || (x.source?.kind === "constant" && !x.weak);
}

/** The nodes of a graph, of which those that are computed alike have one number. */
interface Numbered {
  /** What computes each, from others by their numbers. */
  lines: readonly string[];
  /** One node for each line. */
  kept: readonly Tensor[];
  number: ReadonlyMap<Tensor, number>;
  /** Which argument a node is; null for what is part of the structure. */
  positionOf(x: Tensor): number | null;
}

/** `argumentOf` is asked once for each node, in order. */
function numberNodes(order: readonly Tensor[], argumentOf: (x: Tensor) => number | null): Numbered {
  const number = new Map<Tensor, number>();
  const positions = new Map<Tensor, number>();
  const lines = new Map<string, number>();
  const kept: Tensor[] = [];
  for (const x of order) {
    const position = argumentOf(x);
    if (position !== null) positions.set(x, position);
    const line = position === null ? describeNode(x, number) : `${specText(x)}@${position}`;
    if (!lines.has(line)) {
      lines.set(line, kept.length);
      kept.push(x);
    }
    number.set(x, lines.get(line)!);
  }
  return {
    lines: [...lines.keys()],
    kept,
    number,
    positionOf: (x) => positions.get(x) ?? null,
  };
}

const specText = ({ dtype, shape }: Tensor) => `${dtype}[${shape}]`;

function describeNode(x: Tensor, number: ReadonlyMap<Tensor, number>): string {
  const { made, source } = x;
  if (made) {
    const inputs = made.inputs.map((i) => number.get(i));
    return `${applicationText(made, inputs)}${resultText(x, made)}${specText(x)}`;
  }
  return source?.kind === "variable"
    ? `v${source.variable.id}`
    : `${specText(x)}=${source?.kind === "constant" ? textKey(source.data[0]) : ""}`;
}

/** An application as text, equal for equal ones; `inputs` stand for what it is applied to. */
export function applicationText(
  { op, attrs, bodies }: Application,
  inputs: readonly (number | undefined)[],
): string {
  return `${op.name}(${inputs})${textKey(attrs)}${bodies.map(({ key }) => `{${key}}`).join("")}`;
}

/** Which of several results a node is. */
const resultText = (x: Tensor, { results }: Application) =>
  results.length > 1 ? `.${results.indexOf(x)}` : "";

/** Attributes or a number as text, equal for equal ones alone; −0 is not 0. */
export function textKey(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textKey)}]`;
  if (value && typeof value === "object") {
    let text = "";
    for (const name in value) {
      text += `${text && ","}${name}:${textKey(value[name as keyof typeof value])}`;
    }
    return `{${text}}`;
  }
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : `${value}`;
  return JSON.stringify(value);
}

/** The graph with nodes that refer to no value of the user's. */
function program(
  numbered: Numbered,
  args: readonly Tensor[],
  outputs: readonly Tensor[],
  effects: readonly Effect[],
): Program {
  const copyOf = copied(numbered);
  return {
    name: outputs.at(-1)?.op?.name ?? "assign",
    inputs: args.map(copyOf),
    outputs: outputs.map(copyOf),
    effects: effects.map(({ variable, value }) => ({ variable, value: copyOf(value) })),
    lasting: false,
  };
}

/** Nodes of their own for a graph, with placeholders for its arguments. */
function copied({ kept, number, positionOf }: Numbered): (x: Tensor) => Tensor {
  const copies: Tensor[] = [];
  const copyOf = (x: Tensor) => copies[number.get(x)!];
  const applications = new Map<Application, Application>();
  const resultOf = (x: Tensor, own: Application): Tensor => {
    const copy = getOrMake(applications, own, () => own.to(own.inputs.map(copyOf)));
    return copy.results[own.results.indexOf(x)];
  };
  for (const x of kept) {
    const position = positionOf(x);
    if (x.made && position === null) {
      copies.push(resultOf(x, x.made));
      continue;
    }
    const copy = new Tensor(x);
    copy.source = position === null ? x.source : { kind: "input", position };
    copies.push(copy);
  }
  return copyOf;
}

/** A graph, evaluated or not, as the body of an application: closed but for `inputs`, which it may or may not use. */
export function bodyOf(inputs: readonly Tensor[], outputs: readonly Tensor[]): Body {
  const positions = new Map(inputs.map((x, i) => [x, i] as const));
  const order = ordered([...inputs, ...outputs], (x) =>
    positions.has(x) ? [] : (x.made?.inputs ?? []),
  );
  const numbered = numberNodes(order, (x) => positions.get(x) ?? null);
  const copyOf = copied(numbered);
  return {
    key: [...numbered.lines, `return ${outputs.map((x) => numbered.number.get(x))}`].join(";"),
    inputs: inputs.map(copyOf),
    outputs: outputs.map(copyOf),
  };
}
