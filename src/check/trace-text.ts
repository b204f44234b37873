import type { Application } from "../graph/application.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import type { TraceCost, TraceNode } from "./evaluation-trace.ts";

const INFIX: Readonly<Record<string, string>> = {
  add: "+",
  sub: "−",
  mul: "·",
  div: "/",
  pow: "^",
};
/** Powers that are ops of their own. */
const EXPONENTS: Readonly<Record<string, number>> = { square: 2, cube: 3 };

/** An application as a formula: infix where mathematics writes it so, else name(args), with constants in their places. */
export function expressionOf(
  { op, inputs, attrs }: Application,
  names: ReadonlyMap<Tensor, string>,
): string {
  const operands = inputs.map((x) => names.get(x) ?? constantText(x));
  const constants: unknown[] = Object.values(attrs);
  const shown = constants.filter((v) => typeof v === "number" || typeof v === "string").map(String);
  const infix = (symbol: string, a: string, b: string) =>
    `${a} ${symbol} ${b.startsWith("-") ? `(${b})` : b}`;
  if (op.name in INFIX) return infix(INFIX[op.name], operands[0], operands[1]);
  if (op.name in EXPONENTS) return infix("^", operands[0], String(EXPONENTS[op.name]));
  if (op.name === "power") return infix("^", operands[0], shown[0]);
  return `${op.name}(${[...operands, ...shown].join(", ")})`;
}

function constantText(x: Tensor): string {
  if (x.source?.kind !== "constant" || x.rank > 0) return describe(x);
  const [value] = x.source.data;
  return x.dtype === "bool" ? String(value !== 0) : String(value);
}

/** What is printed of an evaluation trace. */
interface Printed {
  table: readonly TraceNode[];
  cost: Readonly<Record<"forward" | "reverse", TraceCost>>;
  /** The nodes that are computed from the i-th. */
  usersOf(i: number): readonly string[];
  /** How many of the nodes are inputs. */
  inputs: number;
  /** What f is: a node, or a constant, which has no name. */
  result: { name: string | undefined; value: number };
}

/** The tables of both modes and their costs, aligned, with subscripts. */
export function traceText(printed: Printed): string {
  const { table, inputs, result } = printed;
  const xs = table.slice(0, inputs).map(({ name }) => name);
  const name = result.name ? `${result.name} = ` : "";
  const head = `f(${xs.join(", ")}) = ${name}${rounded(result.value)}`;
  const parts = [[head], forwardTable(table, xs), reverseTable(printed), costTable(printed)];
  return subscripted(parts.map((lines) => lines.join("\n")).join("\n\n"));
}

function forwardTable(table: readonly TraceNode[], xs: readonly string[]): string[] {
  const column = (of: (node: TraceNode) => number) => pointsAligned(table.map(of));
  return aligned([
    ["forward mode", ...table.map(({ name, expression }) => `${name} = ${expression}`)],
    ["value", ...column((node) => node.value)],
    ...xs.map((x, i) => [`∂/∂${x}`, ...column((node) => node.tangents[i])]),
  ]);
}

/** From f back to its inputs, each derivative with the chain rule that gives it. */
function reverseTable({ table, usersOf, result }: Printed): string[] {
  const chain = ({ name }: TraceNode, i: number) => {
    if (name === result.name) return "= 1";
    const terms = usersOf(i).map((z) => `∂f/∂${z} · ∂${z}/∂${name}`);
    return `= ${terms.join(" + ") || "0"}`;
  };
  return aligned([
    ["reverse mode", ...table.map(({ name }) => `∂f/∂${name}`).reverse()],
    ["value", ...pointsAligned(table.map(({ adjoint }) => adjoint)).reverse()],
    ["", ...table.map(chain).reverse()],
  ]);
}

function costTable({ cost }: Printed): string[] {
  const modes = [cost.forward, cost.reverse];
  const numbers = (of: (c: TraceCost) => number) => pointsAligned(modes.map(of));
  return aligned([
    ["cost", "forward", "reverse"],
    ["passes", ...numbers((c) => c.passes)],
    ["operations", ...numbers((c) => c.operations)],
    ["most values alive", ...numbers((c) => c.kept)],
  ]);
}

/** Columns of text as lines. */
function aligned(columns: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column) => Math.max(...column.map((cell) => cell.length)));
  return columns[0].map((_, row) => {
    const cells = columns.map((column, c) => column[row].padEnd(widths[c]));
    return cells.join("  ").trimEnd();
  });
}

const rounded = (value: number) => String(Number(value.toPrecision(6)));

/** Numbers to six digits, with their points below each other. */
function pointsAligned(values: readonly number[]): string[] {
  const texts = values.map(rounded);
  const before = texts.map((text) => text.split(/[.e]/)[0].length);
  const most = Math.max(...before);
  return texts.map((text, i) => " ".repeat(most - before[i]) + text);
}

/** x12 as x₁₂, which is as wide. */
const subscripted = (text: string) =>
  text.replace(/\bx\d+/g, (name) =>
    name.replace(/\d/g, (digit) => String.fromCharCode("₀".charCodeAt(0) + Number(digit))),
  );
