import fc from "fast-check";
import { expect, test } from "vitest";
import * as I from "../../src/base/index-expr.ts";

// Index expressions are simplified while they are made; here they are made twice, as numbers and as expressions.

const VARIABLES = [
  { name: "r", size: 12 },
  { name: "c", size: 7 },
  { name: "q", size: 5 },
] as const;

/** A table that loads read from: any numbers, in range or not. */
const TABLE = [3, -2, 11, 0, 7, 4, 9, 1, 5, 2];
const SOURCE = { id: 1 };

/** An expression by its value, and by the same calls on the library's. */
interface Pair {
  text: string;
  value(point: readonly number[]): number;
  index: I.Index;
}

const floorMod = (x: number, n: number) => x - Math.floor(x / n) * n;

const leaf: fc.Arbitrary<Pair> = fc.oneof(
  fc.nat(VARIABLES.length - 1).map((i) => ({
    text: VARIABLES[i].name,
    value: (point: readonly number[]) => point[i],
    index: I.variable(VARIABLES[i], VARIABLES[i].size),
  })),
  fc.integer({ min: -9, max: 20 }).map((n) => ({
    text: `${n}`,
    value: () => n,
    index: I.constant(n),
  })),
);

const pairs = fc.letrec<{ pair: Pair }>((tie) => ({
  pair: fc.oneof(
    { maxDepth: 5, depthSize: "large", withCrossShrink: true },
    leaf,
    fc.tuple(tie("pair"), tie("pair")).map(([a, b]) => ({
      text: `(${a.text} + ${b.text})`,
      value: (p: readonly number[]) => a.value(p) + b.value(p),
      index: I.add(a.index, b.index),
    })),
    fc.tuple(tie("pair"), fc.integer({ min: -6, max: 12 })).map(([a, n]) => ({
      text: `${n}·${a.text}`,
      value: (p: readonly number[]) => n * a.value(p),
      index: I.scale(a.index, n),
    })),
    fc.tuple(tie("pair"), fc.integer({ min: 1, max: 12 })).map(([a, n]) => ({
      text: `⌊${a.text}/${n}⌋`,
      value: (p: readonly number[]) => Math.floor(a.value(p) / n),
      index: I.div(a.index, n),
    })),
    fc.tuple(tie("pair"), fc.integer({ min: 1, max: 12 })).map(([a, n]) => ({
      text: `(${a.text} mod ${n})`,
      value: (p: readonly number[]) => floorMod(a.value(p), n),
      index: I.mod(a.index, n),
    })),
    fc.tuple(tie("pair"), fc.integer({ min: 1, max: 12 })).map(([a, n]) => {
      const at = I.mod(a.index, TABLE.length);
      return {
        text: `table[${a.text} mod ${TABLE.length}]`,
        value: (p: readonly number[]) => clamped(TABLE[floorMod(a.value(p), TABLE.length)], n),
        index: I.load(SOURCE, at, n),
      };
    }),
  ),
}));

const clamped = (v: number, size: number) => Math.min(Math.max(v, 0), size - 1);

const points = VARIABLES.reduce<number[][]>(
  (all, { size }) => all.flatMap((p) => Array.from({ length: size }, (_, i) => [...p, i])),
  [[]],
);

/** The value of an expression's parts as they stand. */
function evaluate(x: I.Index, point: readonly number[]): number {
  return x.terms.reduce((sum, { atom, coef }) => {
    switch (atom.kind) {
      case "variable":
        return sum + coef * point[VARIABLES.findIndex((v) => v === atom.loop)];
      case "div":
        return sum + coef * Math.floor(evaluate(atom.of, point) / atom.by);
      case "mod":
        return sum + coef * floorMod(evaluate(atom.of, point), atom.by);
      case "load":
        return sum + coef * clamped(TABLE[evaluate(atom.at, point)], atom.size);
    }
  }, x.offset);
}

/** Runs the text of an expression in arithmetic modulo 2³², as a shader does. */
function runText(x: I.Index): (point: readonly number[]) => number {
  const text = I.print(x, (_, at, size) => `T(${I.print(at, () => "")}, ${size})`);
  // Every operation is on BigInt, wrapped; division and remainder are those of unsigned words.
  const body = text.replace(/(\d+)u/g, "$1");
  return interpretUnsigned(body);
}

/** A tiny interpreter of + − * / % over unsigned 32-bit words. */
function interpretUnsigned(text: string): (point: readonly number[]) => number {
  const tokens = text.match(/\d+|[a-zA-Z]+|[-+*/%(),]/g) ?? [];
  return (point) => {
    let at = 0;
    const word = (v: bigint) => BigInt.asUintN(32, v);
    const primary = (): bigint => {
      const token = tokens[at++];
      if (token === "(") {
        const v = sum();
        at++;
        return v;
      }
      if (token === "T") {
        at++;
        const place = sum();
        at++;
        const size = sum();
        at++;
        return BigInt(clamped(TABLE[Number(place)] ?? NaN, Number(size)));
      }
      const known = VARIABLES.findIndex((v) => v.name === token);
      return BigInt(known >= 0 ? point[known] : Number(token));
    };
    const product = (): bigint => {
      let v = primary();
      while (["*", "/", "%"].includes(tokens[at])) {
        const op = tokens[at++];
        const w = primary();
        v = word(op === "*" ? v * w : op === "/" ? v / w : v % w);
      }
      return v;
    };
    const sum = (): bigint => {
      let v = product();
      while (["+", "-"].includes(tokens[at])) {
        const op = tokens[at++];
        const w = product();
        v = word(op === "+" ? v + w : v - w);
      }
      return v;
    };
    return Number(BigInt.asIntN(32, sum()));
  };
}

const runs = { numRuns: 2000, seed: 7 };

test("simplified expressions have the value of what they were made of", () => {
  fc.assert(
    fc.property(pairs.pair, ({ index, value, text }) => {
      const wrong = points.find((p) => evaluate(index, p) !== value(p));
      if (wrong)
        throw new Error(`${text} at ${wrong}: ${evaluate(index, wrong)}, not ${value(wrong)}`);
    }),
    runs,
  );
});

test("the range holds all values", () => {
  fc.assert(
    fc.property(pairs.pair, ({ index, value }) => {
      const [min, max] = I.range(index);
      expect(points.every((p) => value(p) >= min && value(p) <= max)).toBe(true);
    }),
    runs,
  );
});

test("equal keys mean equal values", () => {
  fc.assert(
    fc.property(pairs.pair, pairs.pair, (a, b) => {
      if (a.index.key !== b.index.key) return;
      expect(points.every((p) => a.value(p) === b.value(p))).toBe(true);
    }),
    runs,
  );
});

/** A chain of movements of one tensor: the place in it of each element of the result, by coordinates. */
interface Moved {
  shape: number[];
  text: string;
  value(coords: readonly number[]): number;
  index(coords: readonly I.Index[]): I.Index;
}

type Step = { kind: "reshape" | "transpose" | "flip" | "slice"; a: number; b: number };

const chains = fc.array(
  fc.record({
    kind: fc.constantFrom<Step["kind"]>("reshape", "transpose", "flip", "slice"),
    a: fc.nat(20),
    b: fc.nat(20),
  }),
  { minLength: 1, maxLength: 6 },
);

function chain(steps: readonly Step[]): Moved {
  const start = [4, 6, 5];
  let moved: Moved = {
    shape: start,
    text: "x",
    value: (c) => (c[0] * 6 + c[1]) * 5 + c[2],
    index: (c) => I.flatten(c, start),
  };
  for (const { kind, a, b } of steps) moved = movements[kind](moved, a, b);
  return moved;
}

const product = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);

const movements: Record<Step["kind"], (x: Moved, a: number, b: number) => Moved> = {
  reshape(x, a, b) {
    const size = product(x.shape);
    const divisors = (n: number) =>
      Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
    const first = divisors(size)[a % divisors(size).length];
    const second = divisors(size / first)[b % divisors(size / first).length];
    const shape = [first, second, size / first / second];
    return {
      shape,
      text: `${x.text}.reshape(${shape})`,
      value(c) {
        let rest = (c[0] * shape[1] + c[1]) * shape[2] + c[2];
        const coords = [...x.shape];
        for (let i = coords.length - 1; i >= 0; i--) {
          coords[i] = rest % x.shape[i];
          rest = Math.floor(rest / x.shape[i]);
        }
        return x.value(coords);
      },
      index: (c) => x.index(I.unflatten(I.flatten(c, shape), x.shape)),
    };
  },
  transpose(x, a) {
    const order = [
      [1, 0, 2],
      [0, 2, 1],
      [2, 1, 0],
      [1, 2, 0],
    ][a % 4];
    const back = <T>(c: readonly T[]) => {
      const from: T[] = [];
      order.forEach((axis, i) => (from[axis] = c[i]));
      return from;
    };
    return {
      shape: order.map((axis) => x.shape[axis]),
      text: `${x.text}.transpose(${order})`,
      value: (c) => x.value(back(c)),
      index: (c) => x.index(back(c)),
    };
  },
  flip(x, a) {
    const axis = a % 3;
    const last = x.shape[axis] - 1;
    return {
      shape: x.shape,
      text: `${x.text}.flip(${axis})`,
      value: (c) => x.value(c.map((v, i) => (i === axis ? last - v : v))),
      index: (c) => x.index(c.map((v, i) => (i === axis ? I.combine([[v, -1]], last) : v))),
    };
  },
  slice(x, a, b) {
    const axis = a % 3;
    const step = 1 + (b % 2);
    const start = b % x.shape[axis];
    const length = Math.ceil((x.shape[axis] - start) / step);
    return {
      shape: x.shape.map((n, i) => (i === axis ? length : n)),
      text: `${x.text}.slice(${axis}: ${start}, step ${step})`,
      value: (c) => x.value(c.map((v, i) => (i === axis ? start + step * v : v))),
      index: (c) => x.index(c.map((v, i) => (i === axis ? I.combine([[v, step]], start) : v))),
    };
  },
};

test("the text of a chain of movements, in unsigned words, finds every element", () => {
  fc.assert(
    fc.property(chains, (steps) => {
      const { shape, value, index, text } = chain(steps);
      const size = product(shape);
      const linear = I.variable(VARIABLES[0], size);
      const run = runText(index(I.unflatten(linear, shape)));
      for (let r = 0; r < size; r++) {
        const coords = [
          Math.floor(r / (shape[1] * shape[2])),
          Math.floor(r / shape[2]) % shape[1],
          r % shape[2],
        ];
        if (run([r, 0, 0]) !== value(coords)) throw new Error(`${text} at ${r}`);
      }
    }),
    runs,
  );
});
