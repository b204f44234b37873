import { create, parseDependencies, type MathNode } from "mathjs/number";
import {
  call,
  constant,
  input,
  inputsOf,
  mostInputs,
  mostLetters,
  type Expression,
} from "./expression.ts";
import { functions } from "./functions.ts";

/** A formula that was read, or where it cannot be and why. */
export type Reading =
  | { expression: Expression; error?: undefined }
  /** From which letter on. */
  | { expression?: undefined; error: { at: number; message: string } };

/** The words in which one asks for a function. */
const aliases: Readonly<Record<string, string>> = {
  arcsin: "asin",
  arccos: "acos",
  arctan: "atan",
  ln: "log",
  "√": "sqrt",
  σ: "sigmoid",
};

/** Inputs by their other names. */
const letters: Readonly<Record<string, number>> = { x: 0, y: 1, z: 2 };

const names = [...Object.keys(functions), ...Object.keys(aliases)].sort(
  (a, b) => b.length - a.length,
);

const signs: Readonly<Record<string, string>> = {
  "−": "-",
  "–": "-",
  "·": "*",
  "⋅": "*",
  "×": "*",
  "∙": "*",
  "÷": "/",
  ":": "/",
  "[": "(",
  "]": ")",
};

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const subscripts = "₀₁₂₃₄₅₆₇₈₉";

type Kind = "number" | "value" | "function" | "open" | "close" | "operator";

interface Token {
  kind: Kind;
  /** As the parser reads it. */
  text: string;
  at: number;
  /** Whether there is nothing between it and the one before. */
  isAdjacent: boolean;
}

class Unreadable extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const digitsOf = (text: string, of: string) =>
  Array.from(text, (letter) => (of.includes(letter) ? of.indexOf(letter) : letter)).join("");

/** One token at the beginning of the text, and how many letters it takes. */
function tokenAt(rest: string, at: number, most: number): [Kind, text: string, length: number] {
  const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(rest)?.[0];
  if (number) return ["number", number, number.length];
  const power = /^⁻?[⁰¹²³⁴-⁹]+/.exec(rest)?.[0];
  if (power) {
    const exponent = digitsOf(power, superscripts).replace("⁻", "-");
    return ["operator", `^(${exponent})`, power.length];
  }
  if (rest.startsWith("**")) return ["operator", "^", 2];
  const sign = signs[rest[0]] ?? rest[0];
  if ("+-*/^".includes(sign)) return ["operator", sign, 1];
  if (sign === "(") return ["open", "(", 1];
  if (sign === ")") return ["close", ")", 1];
  const name = names.find((each) => rest.startsWith(each));
  if (name) return ["function", aliases[name] ?? name, name.length];
  const known = /^(?:pi|π|e|NaN|Infinity)/.exec(rest)?.[0];
  if (known) return ["value", known === "π" ? "pi" : known, known.length];
  const numbered = /^x_?([0-9]+|[₀-₉]+)/.exec(rest);
  if (numbered) {
    const index = Number(digitsOf(numbered[1], subscripts));
    if (index < 1 || index > most)
      throw new Unreadable(at, `There is no x${index}: the inputs are x₁ to x₉, or x, y and z`);
    return ["value", `x${index}`, numbered[0].length];
  }
  const letter = letters[rest[0]];
  if (letter !== undefined) return ["value", `x${letter + 1}`, 1];
  throw new Unreadable(at, complaint(rest));
}

function complaint(rest: string): string {
  const word = /^\p{L}+/u.exec(rest)?.[0];
  if (word && /^\p{L}+\s*\(/u.test(rest)) return `There is no function “${word}”`;
  if (word) return `“${word}” is no input: write x, y, z, or x₁ to x₉`;
  if (rest[0] === "=") return "Write what f is, without “=”";
  if (rest[0] === ",") return "A comma is not read here: decimals have a point";
  if (rest[0] === "|") return "For the absolute value of x write abs(x)";
  return `“${Array.from(rest)[0]}” is not read here`;
}

function tokensOf(text: string, most: number): Token[] {
  const tokens: Token[] = [];
  let isAdjacent = false;
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at])) {
      isAdjacent = false;
      at++;
      continue;
    }
    const [kind, word, length] = tokenAt(text.slice(at), at, most);
    tokens.push({ kind, text: word, at, isAdjacent });
    isAdjacent = true;
    at += length;
  }
  return tokens;
}

/** Throws where brackets are not in pairs. */
function checkBrackets(tokens: readonly Token[]): void {
  const open: Token[] = [];
  tokens.forEach((token, i) => {
    if (token.kind === "open") open.push(token);
    if (token.kind !== "close") return;
    if (!open.pop()) throw new Unreadable(token.at, "No bracket was opened for this one");
    if (tokens[i - 1].kind === "open")
      throw new Unreadable(token.at, "There is nothing in these brackets");
  });
  const last = open.pop();
  if (last) throw new Unreadable(last.at, "This bracket is never closed");
}

const isOperand = ({ kind }: Token) => kind === "number" || kind === "value";

/**
 * Writes out what one leaves out: the signs of products, and the brackets around what follows sin. That is a bracket, or
 * else all factors that follow without a space, each with its power: sin 2x² is sin(2x²), and sin x y is (sin x)·y.
 */
class Spelling {
  readonly #tokens: readonly Token[];
  /** Where the text ends. */
  readonly #end: number;
  #next = 0;
  /** What was written last, unless it was the name of a function. */
  #before: Token | undefined;
  /** The text for the parser, and where each letter of it comes from. */
  text = "";
  readonly places: number[] = [];

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
    while (this.#next < tokens.length) this.#part();
  }

  #write(text: string, at: number): void {
    this.text += text;
    for (let i = 0; i < text.length; i++) this.places.push(at);
  }

  #copy(): void {
    const token = this.#tokens[this.#next++];
    this.#write(` ${token.text}`, token.at);
    this.#before = token;
  }

  /** One token, or a function with its argument; and the sign of a product before it if one is left out. */
  #part(): void {
    const before = this.#before;
    const token = this.#tokens[this.#next];
    const isEnd = before && (isOperand(before) || before.kind === "close" || isPower(before));
    const isBegin = isOperand(token) || token.kind === "open" || token.kind === "function";
    if (isEnd && isBegin) this.#write(" *", token.at);
    if (token.kind === "function") this.#application();
    else this.#copy();
  }

  #application(): void {
    const { text, at } = this.#tokens[this.#next++];
    const power = this.#power();
    this.#write(power === "" ? ` ${text}` : ` (${text}`, at);
    this.#before = undefined;
    const first = this.#tokens[this.#next];
    if (!first) throw new Unreadable(at, `It is not said what ${text} is to be taken of`);
    if (first.kind === "open") this.#group();
    else {
      this.#write("(", first.at);
      this.#factors();
      this.#write(")", first.at);
    }
    if (power !== "") this.#write(`)${power}`, at);
  }

  /** The power in sin²x, or in sin^2 x. */
  #power(): string {
    const [token, exponent] = this.#tokens.slice(this.#next, this.#next + 2);
    if (token && isPower(token)) {
      this.#next++;
      return token.text;
    }
    if (token?.text !== "^" || exponent?.kind !== "number") return "";
    this.#next += 2;
    return `^${exponent.text}`;
  }

  #group(): void {
    let depth = 0;
    do {
      const { kind } = this.#tokens[this.#next];
      depth += kind === "open" ? 1 : kind === "close" ? -1 : 0;
      if (kind === "open" && depth === 1) this.#copy();
      else this.#part();
    } while (depth > 0);
  }

  #factors(): void {
    const start = this.#next;
    const isSign = () => ["+", "-"].includes(this.#tokens[this.#next]?.text);
    while (isSign()) this.#copy();
    if (this.#next === this.#tokens.length) throw new Unreadable(this.#end, missingAtEnd);
    if (this.#tokens[this.#next].kind === "open") {
      this.#group();
      return;
    }
    for (
      let token = this.#tokens[this.#next];
      token && (isOperand(token) || token.kind === "function");
      token = this.#tokens[this.#next]
    ) {
      if (this.#next > start && !token.isAdjacent) break;
      this.#part();
      if (this.#tokens[this.#next] && isPower(this.#tokens[this.#next])) this.#copy();
      if (this.#tokens[this.#next]?.text !== "^") continue;
      this.#copy();
      while (isSign()) this.#copy();
      if (this.#tokens[this.#next]?.kind === "open") this.#group();
      else if (this.#next < this.#tokens.length) this.#part();
    }
  }
}

const missingAtEnd = "Something is missing at the end";

/** A power that is written above the line is one token. */
const isPower = ({ text }: Token) => text.startsWith("^(");

const { parse } = create(parseDependencies);

const operatorNames: Readonly<Record<string, string>> = {
  add: "add",
  subtract: "sub",
  multiply: "mul",
  divide: "div",
  pow: "pow",
  unaryMinus: "neg",
};

const constants: Readonly<Record<string, number>> = {
  e: Math.E,
  pi: Math.PI,
  NaN,
  Infinity,
};

/** The parser's tree in our terms. */
function treeOf(node: MathNode): Expression {
  const { type } = node;
  const parts = node as unknown as {
    args: MathNode[];
    content: MathNode;
    fn: string | { name: string };
    name: string;
    value: number;
  };
  if (type === "ParenthesisNode") return treeOf(parts.content);
  if (type === "ConstantNode") return constant(parts.value);
  if (type === "SymbolNode")
    return parts.name in constants
      ? constant(constants[parts.name])
      : input(Number(parts.name.slice(1)) - 1);
  const args = parts.args.map(treeOf);
  if (type === "FunctionNode") return call((parts.fn as { name: string }).name, ...args);
  if (parts.fn === "unaryPlus") return args[0];
  const [base, exponent] = args;
  if (parts.fn === "pow" && base.kind === "number" && base.value === Math.E)
    return call("exp", exponent);
  if (parts.fn === "unaryMinus" && base.kind === "number") return constant(-base.value);
  return call(operatorNames[parts.fn as string], ...args);
}

/** Reads a formula in x₁ to x₉, of which x, y and z are the first three, as one writes it. */
export function readExpression(text: string): Reading {
  try {
    const expression = expressionOf(text, mostInputs);
    if (inputsOf(expression).length === 0)
      throw new Unreadable(0, "There is no input in it: write x, y, z, or x₁ to x₉");
    return { expression };
  } catch (error) {
    if (error instanceof Unreadable) return { error: { at: error.at, message: error.message } };
    throw error;
  }
}

/** Reads a formula whose inputs are x₁ to xₙ. */
export function expressionOf(text: string, n: number): Expression {
  if (text.length > mostLetters)
    throw new Unreadable(mostLetters, `A formula has ${mostLetters} letters at most`);
  const tokens = tokensOf(text, n);
  if (tokens.length === 0) throw new Unreadable(0, "Write a formula, such as x₁ sin x₂");
  checkBrackets(tokens);
  const { text: spelled, places } = new Spelling(tokens, text.length);
  let tree: MathNode;
  try {
    tree = parse(spelled);
  } catch (error) {
    const { char } = error as { char?: number };
    if (char === undefined) throw error;
    const at = places[char - 1] ?? text.length;
    const isOver = at >= text.length || char > spelled.length;
    throw new Unreadable(
      isOver ? text.length : at,
      isOver ? missingAtEnd : "Something is missing before this",
    );
  }
  return treeOf(tree);
}
