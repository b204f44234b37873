import { full, type Tensor } from "cotangent";
import { elementwise } from "./elementwise.ts";

const constants: Record<string, number> = { e: Math.E, pi: Math.PI };

/** Formulas that lose digits as they stand. */
const sound: Record<string, (x: Tensor) => Tensor> = {
  "log(1+exp(x))": (x) => x.softplus(),
  "sin(x)/x": (x) => x.sinc(),
};

/**
 * The function of x that a formula writes: numbers, x, + − * / ^, products without a sign ("5x", "exp(x) cos(x)"),
 * parentheses and functions.
 */
export function parse(formula: string): (x: Tensor) => Tensor {
  return sound[formula.replaceAll(" ", "")] ?? ((x) => new Reader(formula, x).whole());
}

class Reader {
  readonly #tokens: string[];
  readonly #x: Tensor;
  #at = 0;

  constructor(formula: string, x: Tensor) {
    this.#tokens = formula.match(/[a-z]\w*|\d+(\.\d+)?|\S/g) ?? [];
    this.#x = x;
  }

  whole(): Tensor {
    const value = this.#sum();
    if (this.#next !== undefined) throw new Error(`${this.#next} is not understood`);
    return value;
  }

  get #next(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(token: string): boolean {
    if (this.#next !== token) return false;
    this.#at++;
    return true;
  }

  #sum(): Tensor {
    let value = this.#take("-") ? this.#product().neg() : this.#product();
    for (;;) {
      if (this.#take("+")) value = value.add(this.#product());
      else if (this.#take("-")) value = value.sub(this.#product());
      else return value;
    }
  }

  #product(): Tensor {
    let value = this.#power();
    for (;;) {
      if (this.#take("/")) value = value.div(this.#power());
      else if (this.#take("*") || /^[a-z(\d]/.test(this.#next ?? ""))
        value = value.mul(this.#power());
      else return value;
    }
  }

  #power(): Tensor {
    const base = this.#atom();
    if (!this.#take("^")) return base;
    const negative = this.#take("-");
    if (!/^\d/.test(this.#next ?? "")) {
      const exponent = this.#power();
      return base.pow(negative ? exponent.neg() : exponent);
    }
    const exponent = Number(this.#tokens[this.#at++]);
    return base.pow(negative ? -exponent : exponent);
  }

  #atom(): Tensor {
    const token = this.#tokens[this.#at++];
    if (token === "x") return this.#x;
    if (/^\d/.test(token)) return full(this.#x.shape, Number(token));
    if (Object.hasOwn(constants, token)) return full(this.#x.shape, constants[token]);
    const f = Object.hasOwn(elementwise, token) ? elementwise[token] : null;
    if (f) this.#at++;
    else if (token !== "(") throw new Error(`${token} is not understood`);
    const x = this.#sum();
    if (!this.#take(")")) throw new Error("a parenthesis is not closed");
    return f ? (f({ x }, {} as never, {} as never) as Tensor) : x;
  }
}
