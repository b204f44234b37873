import type { Effect, Program } from "./program.ts";
import { Tensor, topologicalOrder } from "./tensor.ts";

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
  const number = new Map<Tensor, number>();
  const lines = new Map<string, number>();
  const kept: Tensor[] = [];
  const args: Tensor[] = [];
  for (const x of topologicalOrder([...outputs, ...effects.map((e) => e.value)])) {
    const argument = isArgument(x);
    const line = describeNode(x, number) + (argument ? `@${args.length}` : "");
    if (argument) args.push(x);
    if (!lines.has(line)) {
      lines.set(line, kept.length);
      kept.push(x);
    }
    number.set(x, lines.get(line)!);
  }
  const key = [
    ...lines.keys(),
    `return ${outputs.map((x) => number.get(x))}`,
    ...effects.map((e) => `v${e.variable.id} = ${number.get(e.value)}`),
  ].join(";");
  return { key, args, build: () => program(kept, number, args, outputs, effects) };
}

/** Bare numbers are part of the structure, so that kernels can be simplified by them; other values are arguments. */
function isArgument(x: Tensor): boolean {
  return x.source?.kind === "stored" || (x.source?.kind === "constant" && !x.weak);
}

function describeNode(x: Tensor, number: Map<Tensor, number>): string {
  const spec = `${x.dtype}[${x.shape}]`;
  if (x.op) {
    return `${x.op.name}(${x.inputs.map((i) => number.get(i))})${textKey(x.attrs)}${spec}`;
  }
  if (isArgument(x)) return spec;
  return x.source?.kind === "variable"
    ? `v${x.source.variable.id}`
    : `${spec}=${x.source?.kind === "constant" ? textKey(x.source.data[0]) : ""}`;
}

/** Attributes or a number as text: JSON, which cannot tell NaN, the infinities and −0 from null and 0, but for these. */
export function textKey(value: object | number): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === "number" && (!Number.isFinite(v) || Object.is(v, -0))
      ? `${Object.is(v, -0) ? "-0" : v}`
      : v,
  );
}

/** The graph with nodes that refer to no value of the user's. */
function program(
  kept: readonly Tensor[],
  number: ReadonlyMap<Tensor, number>,
  args: readonly Tensor[],
  outputs: readonly Tensor[],
  effects: readonly Effect[],
): Program {
  const copies: Tensor[] = [];
  const copyOf = (x: Tensor) => copies[number.get(x)!];
  for (const x of kept) {
    const copy = new Tensor(x);
    copy.op = x.op;
    copy.inputs = x.inputs.map(copyOf);
    copy.attrs = x.attrs;
    copy.source = isArgument(x) ? { kind: "input", position: args.indexOf(x) } : x.source;
    copies.push(copy);
  }
  return {
    name: outputs.at(-1)?.op?.name ?? "assign",
    inputs: args.map(copyOf),
    outputs: outputs.map(copyOf),
    effects: effects.map(({ variable, value }) => ({ variable, value: copyOf(value) })),
    lasting: false,
  };
}
