import { compile, grad, gradients, init, tensor, variable, type Tensor } from "cotangent";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

// Programs of scalars, with variables, assignments and reads in between, against an interpreter in forward mode: a
// number there has a derivative with respect to each variable and the argument, and none passes an assignment.

type Instruction =
  | { kind: "op"; op: "add" | "sub" | "mul" | "sin" | "half"; a: number; b: number }
  | { kind: "assign"; variable: number; from: number }
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
}

const combine = (value: number, parts: readonly [number, Dual][]): Dual => ({
  value,
  d: parts[0][1].d.map((_, i) => parts.reduce((sum, [p, { d }]) => sum + p * d[i], 0)),
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

/** The last result, its derivatives and the variables at the end. */
function interpreted(program: readonly Instruction[]): number[] {
  const unit = (i: number) => [...VARIABLES, ARGUMENT].map((_, j) => (i === j ? 1 : 0));
  const x: Dual = { value: ARGUMENT, d: unit(VARIABLES.length) };
  const variables: Dual[] = VARIABLES.map((value, i) => ({ value, d: unit(i) }));
  const results: Dual[] = [duals.mul(variables[0], x)];
  const assign = (i: number, value: number) => (variables[i] = { value, d: unit(i) });
  for (const line of program) {
    const all = operandsOf(variables, x, results);
    if (line.kind === "op") results.push(duals[line.op](pick(all, line.a), pick(all, line.b)));
    if (line.kind === "assign") assign(line.variable, pick(all, line.from).value);
    if (line.kind === "step") {
      const { value } = variables[line.variable];
      assign(line.variable, value - 0.1 * pick(all, line.loss).d[line.variable]);
    }
  }
  const y = results.at(-1)!;
  return [y.value, ...y.d, ...variables.map((v) => v.value)];
}

/** The same with tensors; `wait` reads something, where the program may. */
function* run(
  program: readonly Instruction[],
  x: Tensor,
  variables: ReturnType<typeof variable>[],
) {
  const results: Tensor[] = [variables[0].mul(x)];
  for (const line of program) {
    const all = operandsOf<Tensor>(variables, x, results);
    if (line.kind === "op") results.push(tensors[line.op](pick(all, line.a), pick(all, line.b)));
    if (line.kind === "assign") variables[line.variable].assign(pick(all, line.from));
    if (line.kind === "step") {
      const v = variables[line.variable];
      v.assign(v.sub(gradients(pick(all, line.loss), [v])[0].mul(0.1)));
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

const numbers = async (...xs: Tensor[]) => Promise.all(xs.map(async (x) => x.item()));

describe.each(backends)("random programs on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const start = () => ({ x: tensor(ARGUMENT), variables: VARIABLES.map((v) => variable(v)) });
  const expectNear = (got: number[], expected: number[], what: string) =>
    got.forEach((v, i) => {
      const e = expected[i];
      const error = Math.abs(v - e) / Math.max(1, Math.abs(e));
      if (!(error < 1e-3)) expect.fail(`${what}: ${got.join()} instead of ${expected.join()}`);
    });

  const small = (values: number[]) => values.every((v) => Math.abs(v) < 100);

  test("have the interpreter's values and gradients, eager and compiled", async () => {
    const check = async (program: readonly Instruction[]) => {
      const expected = interpreted(program);
      fc.pre(small(expected));
      const eager = start();
      const y = await withReads(program, eager.x, eager.variables);
      const gs = gradients(y, [...eager.variables, eager.x]);
      expectNear(await numbers(y, ...gs, ...eager.variables), expected, "eager");

      const lazy = start();
      const z = withoutReads(program, lazy.x, lazy.variables);
      const hs = gradients(z, [...lazy.variables, lazy.x]);
      expectNear(await numbers(z, ...hs, ...lazy.variables), expected, "without reads");

      const own = start();
      const dx = grad((t: Tensor) => withoutReads(program, t, own.variables))(own.x);
      expectNear(await numbers(dx), [expected[VARIABLES.length + 1]], "grad");

      const traced = start();
      const f = compile((t: Tensor) => {
        const v = withoutReads(program, t, traced.variables);
        return [v, ...gradients(v, [...traced.variables, t])];
      });
      expectNear(await numbers(...f(traced.x), ...traced.variables), expected, "compiled");
    };
    await fc.assert(fc.asyncProperty(programs, check), {
      numRuns: backend === "cpu" ? 300 : 6,
      seed: 17,
    });
  });
});
