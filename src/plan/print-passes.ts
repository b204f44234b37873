import * as I from "../base/index-expr.ts";
import { show } from "../base/shape.ts";
import { textKey } from "../graph/canonical.ts";
import { topologicalOrder, type Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import type { Call } from "../graph/offered-kernel.ts";
import { partsOf, type Apply, type Scalar } from "../graph/scalar.ts";
import { elementOf, numberOf } from "./expression.ts";
import type { Place } from "./memory.ts";
import { isCall, tensorsRead, tensorsWritten, type Nest, type Part, type Value } from "./nest.ts";
import type { Operand } from "./materialize.ts";
import type { Passes } from "./passes.ts";

// What passes make, as text for people. Programs do not load it.

/** Prints what the passes make of one program, with one name for each tensor. */
export class PassPrinter {
  readonly #names = new Map<Tensor, string>();
  #made = 0;
  /** Names of the parts that stand several times in the expression that is printed. */
  readonly #shared = new Map<Scalar, string>();

  /** What a pass has made, under its name. */
  print<P extends keyof Passes>(pass: P, made: Passes[P]): string {
    const printers: { [Q in keyof Passes]: (made: Passes[Q]) => string[] } = {
      lower: ({ lowered: { outputs, effects } }) => [
        ...topologicalOrder([...outputs, ...effects.map((e) => e.value)])
          .filter((x) => numberOf(x) === null)
          .map((x) => this.#node(x)),
        `return ${this.#list(outputs)}`,
        ...effects.map(({ variable, value }) => `v${variable.id} ← ${this.#name(value)}`),
      ],
      materialize: ({ chosen: { stored, operands } }) => [
        `stored: ${this.#list([...stored].toSorted((a, b) => a.id - b.id))}`,
        ...[...operands].map(
          ([x, [a, b]]) => `${this.#name(x)} = ${this.#operand(a)} × ${this.#operand(b)}`,
        ),
      ],
      fuse: ({ grouped: { groups } }) =>
        groups.map((g, i) => {
          const members = [...g.members].map(([x, level]) => `${this.#name(x)} by ${level}`);
          const reads = g.reads.size > 0 ? `; reads ${this.#list([...g.reads])}` : "";
          return `group ${i} of ${g.rows}×${g.cols}: ${members.join(", ")}${reads}`;
        }),
      nest: ({ parts }) => parts.flatMap((part) => this.#part(part)),
      schedule: ({ parts, inPlace }) => [
        ...parts.map((part) => this.#step([part])),
        ...[...inPlace].map(([x, v]) => `${this.#name(x)} in the place of v${v.id}`),
      ],
      pack: ({ packed: { buffers, wishes }, sorted }) => [
        ...[...buffers].map(([x, { members, offsets }]) => {
          const parts = members.map((m, i) => `${this.#name(m)} at ${offsets[i]}`);
          return `${this.#name(x)} = ${parts.join(", ")}`;
        }),
        ...wishes.map(({ variables }) => `side by side: ${listVariables(variables)}`),
        ...sorted.map((part) => this.#step([part])),
      ],
      merge: ({ steps }) => steps.map((parts) => this.#step(parts)),
      memory: ({ plan: { memory, copies } }) => [
        ...[...memory.places].map(
          ([x, place]) => `${this.#name(x)} ${show(x.shape)}: ${placeText(place)}`,
        ),
        ...copies.map(({ variable, value }) => `v${variable.id} ← ${this.#name(value)}, a copy`),
        `${memory.size} bytes of values, ${memory.argumentSize} of arguments`,
      ],
    };
    return [`after ${pass}:`, ...printers[pass](made).map((line) => `  ${line}`)].join("\n");
  }

  /** "%3"; a variable's value is "v7", a number is itself. */
  #name(x: Tensor): string {
    const known = this.#names.get(x);
    if (known !== undefined) return known;
    const value = numberOf(x);
    const name =
      value !== null
        ? String(value)
        : x.source?.kind === "variable"
          ? `v${x.source.variable.id}`
          : `%${this.#made++}`;
    this.#names.set(x, name);
    return name;
  }

  #list = (xs: readonly Tensor[]) => xs.map((x) => this.#name(x)).join(" ");

  #node(x: Tensor): string {
    const made = x.op
      ? `${x.op.name}(${x.inputs.map((y) => this.#name(y)).join(", ")})${attrsText(x.attrs)}`
      : (x.source?.kind ?? "nothing");
    return `${this.#name(x)} = ${made}: ${x.dtype}${show(x.shape)}`;
  }

  #operand({ tensor, index, bounds, matrices }: Operand): string {
    const lies = matrices ? `, matrices${matrices.transposed ? ", transposed" : ""}` : "";
    return `${this.#name(tensor)}[${this.#index(index)}]${this.#where(bounds)}${lies}`;
  }

  #part(part: Part): string[] {
    return isCall(part) ? this.#call(part) : this.#nest(part);
  }

  #call({ application, kernel, operands }: Call): string[] {
    const { op, results } = application;
    const stages = kernel.stages.map(({ name, workgroups }) => `${name} by ${workgroups}`);
    return [
      `${this.#list(results)} = ${op.name} of ${this.#list(operands)}`,
      `  workgroups: ${stages.join(", ")}`,
    ];
  }

  #nest(nest: Nest): string[] {
    const { product, rows, cols, values } = nest;
    const head = product
      ? `for ${rows} elements of ${this.#name(product.tensor)} = ${this.#operand(product.a)} × ${this.#operand(product.b)}`
      : `for ${rows} ${rows === 1 ? "row" : "rows"}${cols > 1 ? ` of ${cols} columns` : ""}`;
    return [head, ...values.flatMap((v) => this.#value(v, nest)).map((line) => `  ${line}`)];
  }

  #value({ tensor, role, parts, place }: Value, { product }: Nest): string[] {
    const target = place ? `${this.#name(tensor)}[${this.#index(place)}]` : this.#name(tensor);
    if (product?.tensor === tensor) return [target];
    this.#shared.clear();
    const shared = sharedIn(parts).map((x, i) => {
      const text = `$${i} = ${this.#scalar(x)}`;
      this.#shared.set(x, `$${i}`);
      return text;
    });
    const text = parts.map((part) => this.#scalar(part)).join(", ");
    const over = { element: "", fold: "over columns of ", scan: "up to each column of " }[
      role.kind
    ];
    const how = over && `${tensor.op!.name} ${over}`;
    return [...shared, `${target} = ${how}${text}`];
  }

  #step(parts: readonly Part[]): string {
    const one = (part: Part) =>
      `${this.#list(tensorsRead(part))} → ${this.#list(tensorsWritten(part))}`;
    return parts.map(one).join(" | ");
  }

  #index(index: I.Index): string {
    return I.print(index, (source) => this.#scalar(elementOf(source))).replaceAll(
      /(?<=\d)u\b/g,
      "",
    );
  }

  #where(bounds: readonly I.Bound[]): string {
    const texts = bounds.map(({ value, min, max }) => `${min} ≤ ${this.#index(value)} < ${max}`);
    return texts.length > 0 ? ` where ${texts.join(", ")}` : "";
  }

  #apply({ f, args, dtype }: Apply): string {
    const texts = args.map((arg) => this.#scalar(arg));
    if (isInfix(f) && texts.length === 2) return `(${texts.join(` ${f} `)})`;
    return `${f === "convert" ? dtype : f}(${texts.join(", ")})`;
  }

  #scalar(x: Scalar): string {
    const shared = this.#shared.get(x);
    if (shared) return shared;
    switch (x.kind) {
      case "load":
        return `${this.#name(x.tensor)}[${this.#index(x.index)}]`;
      case "constant":
        return String(x.value);
      case "index":
        return this.#index(x.index);
      case "apply":
        return this.#apply(x);
      case "local":
        return x.name;
      case "pieces": {
        const pieces = x.pieces.map(
          ({ bounds, value }) => `${this.#scalar(value)}${this.#where(bounds)}`,
        );
        return `{${[...pieces, this.#scalar(x.otherwise)].join("; else ")}}`;
      }
    }
  }
}

/** Functions that are written between their arguments. */
const isInfix = (f: Apply["f"]) => /^\W+$/.test(f);

/** What an expression computes once and uses several times, each behind what it is made of. */
function sharedIn(roots: readonly Scalar[]): Scalar[] {
  const uses = new Map<Scalar, number>();
  const order: Scalar[] = [];
  const visit = (x: Scalar) => {
    const known = uses.get(x) ?? 0;
    uses.set(x, known + 1);
    if (known > 0) return;
    partsOf(x).forEach(visit);
    order.push(x);
  };
  roots.forEach(visit);
  return order.filter((x) => uses.get(x)! > 1 && partsOf(x).length > 0);
}

const listVariables = (variables: readonly Variable[]) =>
  variables.map(({ id }) => `v${id}`).join(" ");

const attrsText = (attrs: object) => (Object.keys(attrs).length > 0 ? ` ${textKey(attrs)}` : "");

function placeText(place: Place): string {
  switch (place.kind) {
    case "arena":
      return `byte ${place.offset} of the arena`;
    case "argument":
      return `argument ${place.position}, byte ${place.offset}`;
    case "variable":
      return `variable v${place.variable.id}`;
    case "source":
      return "where it lies";
  }
}
