import { full, type Tensor } from "cotangent";

const functions: Record<string, (x: Tensor) => Tensor> = {
  atan: (x) => x.atan(),
  cos: (x) => x.cos(),
  cosh: (x) => x.cosh(),
  exp: (x) => x.exp(),
  log: (x) => x.log(),
  sin: (x) => x.sin(),
  sinh: (x) => x.sinh(),
  sqrt: (x) => x.sqrt(),
  tan: (x) => x.tan(),
  tanh: (x) => x.tanh(),
};

/** Formulas that lose digits as they stand. */
const sound: Record<string, (x: Tensor) => Tensor> = {
  "log(1+exp(x))": (x) => x.softplus(),
  "sin(x)/x": (x) => x.sinc(),
};

/**
 * The function of x that a formula writes: numbers, x, + − / ^ with whole exponents, products without a sign ("5x",
 * "exp(x) cos(x)"), parentheses and functions.
 */
export function parse(formula: string): (x: Tensor) => Tensor {
  return sound[formula.replaceAll(" ", "")] ?? ((x) => new Reader(formula, x).whole());
}

class Reader {
  readonly #tokens: string[];
  readonly #x: Tensor;
  #at = 0;

  constructor(formula: string, x: Tensor) {
    this.#tokens = formula.match(/[a-z]+|\d+(\.\d+)?|\S/g) ?? [];
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
    return this.#take("^") ? base.pow(Number(this.#tokens[this.#at++])) : base;
  }

  #atom(): Tensor {
    const token = this.#tokens[this.#at++];
    if (token === "x") return this.#x;
    if (/^\d/.test(token)) return full(this.#x.shape, Number(token));
    const f = Object.hasOwn(functions, token) ? functions[token] : null;
    if (f) this.#at++;
    else if (token !== "(") throw new Error(`${token} is not understood`);
    const value = this.#sum();
    if (!this.#take(")")) throw new Error("a parenthesis is not closed");
    return f ? f(value) : value;
  }
}
