import {
  compile,
  grad,
  GradientError,
  gradients,
  init,
  tensor,
  variable,
  type Tensor,
  type Variable,
} from "cotangent";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

// Programs of scalars, with variables, assignments and reads in between, against an interpreter in forward mode: a
// number there has a derivative with respect to each variable and the argument, and none passes an assignment. One that
// would pass what a compiled function returned is an error, unless that is called by what is differentiated.

type Instruction =
  | { kind: "op"; op: "add" | "sub" | "mul" | "sin" | "half"; a: number; b: number }
  | { kind: "assign"; variable: number; from: number }
  | { kind: "call"; from: number }
  | { kind: "read"; from: number }
  | { kind: "flush" }
  | { kind: "step"; variable: number; loss: number };

const VARIABLES = [0.5, -0.8, 1.2];
const ARGUMENT = 0.7;
const operand = fc.nat(20);

const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("op" as const),
      op: fc.constantFrom(
        "add" as const,
        "sub" as const,
        "mul" as const,
        "sin" as const,
        "half" as const,
      ),
      a: operand,
      b: operand,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("assign" as const),
      variable: fc.nat(VARIABLES.length - 1),
      from: operand,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("call" as const), from: operand }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("read" as const), from: operand }) },
  { weight: 1, arbitrary: fc.constant({ kind: "flush" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("step" as const),
      variable: fc.nat(VARIABLES.length - 1),
      loss: operand,
    }),
  },
);
const programs = fc.array(instruction, { minLength: 4, maxLength: 24 });

/** The operands that an instruction may name: the variables as they are, the argument, and all results, newest first. */
const operandsOf = <T>(variables: readonly T[], x: T, results: readonly T[]): T[] => [
  ...[...results].reverse(),
  ...variables,
  x,
];
const pick = <T>(all: readonly T[], i: number): T => all[i % all.length];

/** A number with its derivatives. */
interface Dual {
  value: number;
  d: number[];
  /** What it was computed from. */
  reads: boolean[];
  /** The derivatives that an eager program doesn't know. */
  lost: boolean[];
}

const either = (parts: boolean[][]): boolean[] =>
  parts.reduce((all, part) => all.map((b, i) => b || part[i]));

const combine = (value: number, parts: readonly [number, Dual][]): Dual => ({
  value,
  d: parts[0][1].d.map((_, i) => parts.reduce((sum, [p, { d }]) => sum + p * d[i], 0)),
  reads: either(parts.map(([, { reads }]) => reads)),
  lost: either(parts.map(([, { lost }]) => lost)),
});

const duals: Record<string, (a: Dual, b: Dual) => Dual> = {
  add: (a, b) =>
    combine(a.value + b.value, [
      [1, a],
      [1, b],
    ]),
  sub: (a, b) =>
    combine(a.value - b.value, [
      [1, a],
      [-1, b],
    ]),
  mul: (a, b) =>
    combine(a.value * b.value, [
      [b.value, a],
      [a.value, b],
    ]),
  sin: (a) => combine(Math.sin(a.value), [[Math.cos(a.value), a]]),
  half: (a) => combine(a.value / 2, [[0.5, a]]),
};

const tensors: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  sin: (a) => a.sin(),
  half: (a) => a.mul(0.5),
};

const called = (x: Dual): Dual => combine(Math.sin(x.value), [[Math.cos(x.value), x]]);
const call = compile((x: Tensor) => x.sin());

/** The last result with its derivatives, and the variables at the end. */
function interpreted(program: readonly Instruction[], isEager: boolean) {
  const leaf = (value: number, i: number): Dual => {
    const own = [...VARIABLES, ARGUMENT].map((_, j) => i === j);
    return { value, d: own.map(Number), reads: own, lost: own.map(() => false) };
  };
  const x = leaf(ARGUMENT, VARIABLES.length);
  const variables = VARIABLES.map(leaf);
  const results: Dual[] = [duals.mul(variables[0], x)];
  for (const line of program) {
    const all = operandsOf(variables, x, results);
    if (line.kind === "op") results.push(duals[line.op](pick(all, line.a), pick(all, line.b)));
    if (line.kind === "call") {
      const y = called(pick(all, line.from));
      results.push(isEager ? { ...y, lost: y.reads } : y);
    }
    if (line.kind === "assign") {
      variables[line.variable] = leaf(pick(all, line.from).value, line.variable);
    }
    if (line.kind === "step") {
      const { value } = variables[line.variable];
      const { d, lost } = pick(all, line.loss);
      if (lost[line.variable]) continue;
      variables[line.variable] = leaf(value - 0.1 * d[line.variable], line.variable);
    }
  }
  return { y: results.at(-1)!, variables: variables.map((v) => v.value) };
}

/** The gradient with respect to one tensor; null where it is lost. */
function gradientOf(y: Tensor, x: Tensor): Tensor | null {
  try {
    return gradients(y, [x])[0];
  } catch (error) {
    if (error instanceof GradientError) return null;
    throw error;
  }
}

/** The same with tensors; `wait` reads something, where the program may. */
function* run(program: readonly Instruction[], x: Tensor, variables: Variable[]) {
  const results: Tensor[] = [variables[0].mul(x)];
  for (const line of program) {
    const all = operandsOf<Tensor>(variables, x, results);
    if (line.kind === "op") results.push(tensors[line.op](pick(all, line.a), pick(all, line.b)));
    if (line.kind === "call") results.push(call(pick(all, line.from)));
    if (line.kind === "assign") variables[line.variable].assign(pick(all, line.from));
    if (line.kind === "step") {
      const v = variables[line.variable];
      const dv = gradientOf(pick(all, line.loss), v);
      if (dv) v.assign(v.sub(dv.mul(0.1)));
    }
    if (line.kind === "read") yield pick(all, line.from);
    if (line.kind === "flush") yield tensor([1]).add(1);
  }
  return results.at(-1)!;
}

function withoutReads(...args: Parameters<typeof run>): Tensor {
  const running = run(...args);
  for (;;) {
    const { done, value } = running.next();
    if (done) return value;
  }
}

async function withReads(...args: Parameters<typeof run>): Promise<Tensor> {
  const running = run(...args);
  for (;;) {
    const { done, value } = running.next();
    if (done) return value;
    await value.data();
  }
}

const numbers = async (...xs: (Tensor | null)[]) =>
  Promise.all(xs.map(async (x) => (x ? x.item() : null)));

describe.each(backends)("random programs on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const start = () => ({ x: tensor(ARGUMENT), variables: VARIABLES.map((v) => variable(v)) });
  const expectNear = (got: (number | null)[], expected: (number | null)[], what: string) =>
    got.forEach((v, i) => {
      const e = expected[i];
      const error = Math.abs(v! - e!) / Math.max(1, Math.abs(e!));
      if ((v === null) !== (e === null) || !(error < 1e-3)) {
        expect.fail(`${what}: ${got.join()} instead of ${expected.join()}`);
      }
    });

  const small = (values: number[]) => values.every((v) => Math.abs(v) < 100);

  test("have the interpreter's values and gradients, eager and compiled", async () => {
    const check = async (program: readonly Instruction[]) => {
      const { y, variables } = interpreted(program, true);
      const whole = interpreted(program, false);
      fc.pre(small([y.value, ...y.d, ...variables]));
      fc.pre(small([whole.y.value, ...whole.y.d, ...whole.variables]));
      const d = y.d.map((v, i) => (y.lost[i] ? null : v));
      const expected = [y.value, ...d, ...variables];
      const ends = async ({ x, variables: vs }: ReturnType<typeof start>, z: Tensor) => {
        const gs = [...vs, x].map((t) => gradientOf(z, t));
        return numbers(z, ...gs, ...vs);
      };
      const eager = start();
      const read = await withReads(program, eager.x, eager.variables);
      expectNear(await ends(eager, read), expected, "eager");

      const lazy = start();
      const unread = withoutReads(program, lazy.x, lazy.variables);
      expectNear(await ends(lazy, unread), expected, "without reads");

      const own = start();
      const dx = grad((t: Tensor) => withoutReads(program, t, own.variables))(own.x);
      expectNear(await numbers(dx), [whole.y.d[VARIABLES.length]], "grad");

      const traced = start();
      const f = compile((t: Tensor) => {
        const v = withoutReads(program, t, traced.variables);
        return [v, ...gradients(v, [...traced.variables, t])];
      });
      expectNear(
        await numbers(...f(traced.x), ...traced.variables),
        [whole.y.value, ...whole.y.d, ...whole.variables],
        "compiled",
      );
    };
    await fc.assert(fc.asyncProperty(programs, check), {
      numRuns: backend === "cpu" ? 300 : 6,
      seed: 17,
    });
  });
});
