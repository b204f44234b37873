import * as I from "../base/index-expr.ts";
import { applicationText, textKey } from "../graph/canonical.ts";
import type { ContractAttrs } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Apply, Scalar } from "../graph/scalar.ts";
import type { Call } from "../graph/offered-kernel.ts";
import { elementOf } from "./expression.ts";
import type { Operand } from "./materialize.ts";
import { isAccumulated, isCall, type Nest, type Part } from "./nest.ts";
import type { BindingKey } from "./plan.ts";

/** What nests of loops, or calls, have in common that differ in their tensors alone. */
export interface Form {
  /** Equal for equal forms. */
  key: string;
  /** The tensors, in the order in which the form names them. */
  tensors: Tensor[];
}

/** The form of some parts of a plan. Tensors of equal `keyOf` are one; `textOf` is all that matters of one beside its dtype. */
export function formOf(
  parts: readonly Part[],
  keyOf: (x: Tensor) => BindingKey,
  textOf: (x: Tensor) => string,
): Form {
  const writer = new FormWriter(keyOf, textOf);
  const lines = parts.map((part) => (isCall(part) ? writer.call(part) : writer.loop(part)));
  return { key: lines.join("\n"), tensors: writer.tensors };
}

class FormWriter {
  readonly tensors: Tensor[] = [];
  readonly #keyOf: (x: Tensor) => BindingKey;
  readonly #textOf: (x: Tensor) => string;
  readonly #keys: BindingKey[] = [];
  readonly #known = new Map<Scalar, number>();

  constructor(keyOf: (x: Tensor) => BindingKey, textOf: (x: Tensor) => string) {
    this.#keyOf = keyOf;
    this.#textOf = textOf;
  }

  /** A kernel follows from its op and the shapes. */
  call({ application, operands, scratch }: Call): string {
    const { inputs, results } = application;
    const shapes = [...inputs, ...results].map((x) => `[${x.shape}]`);
    const tensors = [...operands, ...results, ...scratch].map((x) => this.#tensor(x));
    return `${applicationText(application, [])}${shapes}${tensors}`;
  }

  loop({ rows, cols, values, product, ops }: Nest): string {
    const head = product ? this.#product(product) : `${rows}×${cols}`;
    const lines = values.map((v) => {
      const { op, attrs, inputs } = v.tensor;
      const fold = isAccumulated(v) ? `${op!.name}${textKey(attrs)}${inputs[0].dtype}` : "";
      const place = v.place ? this.#index(v.place) : "";
      return `${this.#tensor(v.tensor)}:${v.level} ${fold}(${v.parts.map((part) => this.#scalar(part))})→${place}`;
    });
    return [head, ...ops, ...lines].join(";");
  }

  #product({ tensor, a, b }: NonNullable<Nest["product"]>): string {
    const { transposeA, transposeB } = tensor.attrs as ContractAttrs;
    const [x, y] = tensor.inputs;
    const shapes = `[${tensor.shape}][${x.shape}][${y.shape}]`;
    return `${transposeA}${transposeB}${shapes}${this.#operand(a)}${this.#operand(b)}`;
  }

  /** Whether it lies in memory as matrices follows from its places. */
  #operand({ tensor, index, bounds }: Operand): string {
    return `${this.#tensor(tensor)}[${this.#index(index)}]${bounds.map((b) => this.#bound(b))}`;
  }

  #tensor(x: Tensor): string {
    const key = this.#keyOf(x);
    const known = this.#keys.indexOf(key);
    if (known >= 0) return `@${known}`;
    this.#keys.push(key);
    this.tensors.push(x);
    return `@=${x.dtype}${this.#textOf(x)}`;
  }

  #index(index: I.Index): string {
    // Only what reads tensors names them.
    if (!index.key.includes("[")) return index.key;
    return I.print(index, (source, _, size) => `<${this.#scalar(elementOf(source))}%${size}>`);
  }

  #apply({ f, dtype, args }: Apply): string {
    let text = `${f} ${dtype}(`;
    for (const arg of args) text += `${this.#scalar(arg)},`;
    return `${text})`;
  }

  #bound({ value, min, max }: I.Bound): string {
    return `${min}≤${this.#index(value)}<${max}`;
  }

  #scalar(x: Scalar): string {
    const known = this.#known.get(x);
    if (known !== undefined) return `=${known}`;
    this.#known.set(x, this.#known.size);
    switch (x.kind) {
      case "constant":
        return `${textKey(x.value)}${x.dtype}`;
      case "load":
        return `${this.#tensor(x.tensor)}[${this.#index(x.index)}]`;
      case "index":
        return `${x.dtype}[${this.#index(x.index)}]`;
      case "apply":
        return this.#apply(x);
      case "local":
        return x.name;
      case "pieces": {
        const pieces = x.pieces.map(({ bounds, value }) => {
          const limits = bounds.map((b) => this.#bound(b));
          return `${limits}?${this.#scalar(value)}`;
        });
        return `{${[...pieces, this.#scalar(x.otherwise)].join("|")}}${x.dtype}`;
      }
    }
  }
}
