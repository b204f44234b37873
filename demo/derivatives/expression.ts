/** A formula as a tree. */
export type Expression =
  | { kind: "number"; value: number }
  /** x₁ is the input with the index 0. */
  | { kind: "input"; index: number }
  | { kind: "call"; name: string; args: readonly Expression[] };

/** Inputs that can be typed: x₁ to x₉. */
export const mostInputs = 9;

/** Letters of a formula: more of them a link could not hold, nor a page show as a graph. */
export const mostLetters = 200;

export const constant = (value: number): Expression => ({ kind: "number", value });
export const input = (index: number): Expression => ({ kind: "input", index });
export const call = (name: string, ...args: readonly Expression[]): Expression => ({
  kind: "call",
  name,
  args,
});

const isNumber = (e: Expression, value: number) => e.kind === "number" && e.value === value;

/** Sums and products as one writes them: without zeros and ones. */
export function add(a: Expression, b: Expression): Expression {
  if (isNumber(a, 0)) return b;
  if (isNumber(b, 0)) return a;
  if (a.kind === "number" && b.kind === "number") return constant(a.value + b.value);
  if (b.kind === "call" && b.name === "neg") return sub(a, b.args[0]);
  return call("add", a, b);
}

export function sub(a: Expression, b: Expression): Expression {
  if (isNumber(b, 0)) return a;
  if (isNumber(a, 0)) return neg(b);
  if (a.kind === "number" && b.kind === "number") return constant(a.value - b.value);
  if (b.kind === "call" && b.name === "neg") return add(a, b.args[0]);
  return call("sub", a, b);
}

export function neg(a: Expression): Expression {
  if (a.kind === "number") return constant(0 - a.value);
  if (a.kind === "call" && a.name === "neg") return a.args[0];
  return call("neg", a);
}

export function mul(a: Expression, b: Expression): Expression {
  if (isNumber(a, 0) || isNumber(b, 0)) return constant(0);
  if (isNumber(a, 1)) return b;
  if (isNumber(b, 1)) return a;
  if (isNumber(a, -1)) return neg(b);
  if (isNumber(b, -1)) return neg(a);
  if (a.kind === "number" && b.kind === "number") return constant(a.value * b.value);
  if (a.kind === "call" && a.name === "neg") return neg(mul(a.args[0], b));
  if (b.kind === "call" && b.name === "neg") return neg(mul(a, b.args[0]));
  if (b.kind === "number") return call("mul", b, a);
  return call("mul", a, b);
}

export function div(a: Expression, b: Expression): Expression {
  if (isNumber(a, 0) || isNumber(b, 1)) return a;
  if (a.kind === "call" && a.name === "neg") return neg(div(a.args[0], b));
  return call("div", a, b);
}

export function pow(a: Expression, b: Expression): Expression {
  if (isNumber(b, 1)) return a;
  if (isNumber(b, 0)) return constant(1);
  return call("pow", a, b);
}

/** A number for each input up to the last that it reads: of those that there are, or else 1. */
export const placeFor = (e: Expression, at: readonly number[]): number[] =>
  Array.from({ length: Math.max(...inputsOf(e)) + 1 }, (_, i) => at[i] ?? 1);

/** The indices of the inputs that it reads, in order. */
export function inputsOf(e: Expression): number[] {
  const found = new Set<number>();
  const visit = (each: Expression): void => {
    if (each.kind === "input") found.add(each.index);
    else if (each.kind === "call") each.args.forEach(visit);
  };
  visit(e);
  return [...found].sort((a, b) => a - b);
}
