import {
  compile,
  init,
  nn,
  optim,
  random,
  tensor,
  TraceError,
  variable,
  where,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";

const values = async (x: Tensor) => Array.from(await x.data());

/** A function, and how often it has been called. */
function counted<F extends (...args: never[]) => unknown>(fn: F): [fn: F, calls: () => number] {
  const spy = vi.fn(fn);
  return [spy, () => spy.mock.calls.length];
}

describe.each(backends)("tracing on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("JavaScript runs once for each set of shapes and dtypes", async () => {
    const [fn, traces] = counted((x: Tensor) => x.mul(2));
    const f = compile(fn);
    expect(await values(f(Float32Array.of(1, 2)))).toEqual([2, 4]);
    expect(await values(f(Float32Array.of(3, 4)))).toEqual([6, 8]);
    expect(await values(f(tensor([5, 6])))).toEqual([10, 12]);
    expect(traces()).toBe(1);
    expect(await values(f(Float32Array.of(3)))).toEqual([6]);
    expect(traces()).toBe(2);
    expect(f(Int32Array.of(3)).dtype).toBe("int32");
    expect(traces()).toBe(3);
    expect(await values(f(Float32Array.of(7, 8)))).toEqual([14, 16]);
    expect(traces()).toBe(3);
  });

  test("another number as an argument makes no new trace", async () => {
    const [fn, traces] = counted((x: Tensor, n: Tensor) => x.mul(n));
    const f = compile(fn);
    for (const n of [2, 0.5, -1, NaN, Infinity]) {
      expect(await values(f(Float32Array.of(1, 2), n))).toEqual([n, 2 * n]);
    }
    expect(traces()).toBe(1);
  });

  test("tensors may be nested in arrays and plain objects, in arguments and results", async () => {
    const [fn, traces] = counted((batch: { x: Tensor; rest: [Tensor, Tensor] }) => ({
      sum: batch.x.add(batch.rest[0]),
      both: [batch.rest[1].neg(), "text"] as const,
    }));
    const f = compile(fn);
    for (const k of [1, 10]) {
      const { sum, both } = f({ x: tensor([k]), rest: [tensor([2]), Float32Array.of(3)] });
      expect([await values(sum), await values(both[0]), both[1]]).toEqual([[k + 2], [-3], "text"]);
    }
    expect(traces()).toBe(1);
  });

  type Static = number | boolean | string | null | undefined | number[] | object;

  test.each<[string, Static, Static]>([
    ["numbers in arrays", [1, 2], [1, 3]],
    ["numbers in objects", { k: 1 }, { k: 2 }],
    ["signed zeros", [0], [-0]],
    ["booleans", true, false],
    ["strings", "a", "b"],
    ["null and undefined", null, undefined],
    ["text and what it says", "null", null],
    ["a number in an array and its text", [1], ["1"]],
    ["an empty array and an empty object", [], {}],
    ["a missing property", { a: 1 }, { a: 1, b: [] }],
    ["names with dots", { "a.b": 1 }, { a: { b: 1 } }],
    ["nesting", [[1], 2], [[1, 2]]],
    ["texts with separators", ["a;1[1]", "b"], ["a", "1[1];b"]],
  ])("%s are static and part of the key", (_, a, b) => {
    const seen: unknown[] = [];
    const [fn, traces] = counted((x: Tensor, option: unknown) => {
      seen.push(option);
      return x.neg();
    });
    const f = compile(fn);
    const call = f as (x: Tensor, option: unknown) => Tensor;
    const x = tensor([1]);
    for (const option of [a, b, a, b]) call(x, option);
    expect(traces()).toBe(2);
    expect(seen).toEqual([a, b]);
  });

  test("how many arguments there are is part of the key", () => {
    const [fn, traces] = counted((x: Tensor, ...rest: Tensor[]) =>
      rest.reduce((a, b) => a.add(b), x),
    );
    const f = compile(fn);
    expect(f(tensor([1])).shape).toEqual([1]);
    f(tensor([1]), tensor([2]));
    f(tensor([1]));
    expect(traces()).toBe(2);
  });

  test("an argument left out is undefined, not that of the last call", async () => {
    const f = compile((x?: Tensor) => (x ? x.mul(2) : tensor([7])));
    expect(await values(f(tensor([1])))).toEqual([2]);
    expect(await values(f())).toEqual([7]);
  });

  test("typed arrays get the shapes of `inputs`", async () => {
    const f = compile((x: Tensor, y: Tensor) => x.sum(1).add(y), { inputs: [[-1, 3], [-1]] });
    expect(await values(f(Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, 2)))).toEqual([
      7, 17,
    ]);
    expect(f(new Float32Array(12), new Float32Array(4)).shape).toEqual([4]);
    const nested = compile(({ x }: { x: Tensor }) => x, { inputs: [[2, -1]] });
    expect(nested({ x: new Float32Array(6) }).shape).toEqual([2, 3]);
  });

  test("other tensors in the closure are constants", async () => {
    let c = tensor([1, 2]).mul(10);
    const [fn, traces] = counted((x: Tensor) => x.add(c));
    const f = compile(fn);
    expect(await values(f(Float32Array.of(1, 1)))).toEqual([11, 21]);
    const old = c;
    c = tensor([0, 0]);
    expect(await values(f(Float32Array.of(1, 1)))).toEqual([11, 21]);
    old.dispose();
    const others = Array.from({ length: 20 }, (_, i) => tensor([i, i]).add(100));
    await Promise.all(others.map((x) => x.data()));
    expect(await values(f(Float32Array.of(2, 2)))).toEqual([12, 22]);
    expect(traces()).toBe(1);
  });

  test("a lazy tensor of a variable in the closure is a constant too", async () => {
    const w = variable([1]);
    const y = w.mul(10);
    const f = compile(() => y.add(w));
    w.assign(tensor([2]));
    expect(await values(f())).toEqual([12]);
    w.assign(tensor([3]));
    expect(await values(f())).toEqual([13]);
  });

  test("compiled functions may call each other", async () => {
    const scale = compile((x: Tensor, n: Tensor) => x.mul(n));
    const both = compile((x: Tensor) => scale(x, 3).add(scale(Float32Array.of(1, 1), x)));
    expect(await values(both(Float32Array.of(2, 4)))).toEqual([8, 16]);
  });

  test("what one returns to another is a value: later assignments do not change it", async () => {
    const w = variable([1]);
    const increment = compile((by: Tensor) => {
      w.assign(w.add(by));
      return { w };
    });
    const outer = compile(() => [increment(1).w, increment(2).w, w.mul(10)]);
    expect(await Promise.all(outer().map(values))).toEqual([[2], [4], [40]]);
  });

  test("repeat cannot be part of another function", () => {
    const w = variable([1]);
    const increment = compile(() => w.assign(w.add(1)));
    expect(() => compile(() => increment.repeat(3)())()).toThrow(TraceError);
  });

  test("results that are arguments, constants or the same tensor twice", async () => {
    const f = compile((x: Tensor) => {
      const y = x.add(1);
      return [x, y, y, tensor([5, 6]), x.reshape([2, 1]), tensor(7)];
    });
    const given = tensor([1, 2]);
    const results = f(given);
    given.dispose();
    expect(await Promise.all(results.map(values))).toEqual([
      [1, 2],
      [2, 3],
      [2, 3],
      [5, 6],
      [1, 2],
      [7],
    ]);
    results[1].dispose();
    expect(await values(results[2])).toEqual([2, 3]);
  });

  test("a function without tensors in its result runs all the same", async () => {
    const w = variable(1);
    const step = compile((n: Tensor) => {
      w.assign(w.add(n));
    });
    expect(step(2)).toBeUndefined();
    step(3);
    expect(await w.item()).toBe(6);
  });

  test("a branch by where", async () => {
    const f = compile((x: Tensor) => where(x.greater(0), x, x.mul(10)));
    expect(await values(f(Float32Array.of(1, -1)))).toEqual([1, -10]);
  });
});

describe.each(backends)("state on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("a variable in the closure is read at its current value", async () => {
    const w = variable([1]);
    const [fn, traces] = counted(() => w.mul(2));
    const f = compile(fn);
    expect(await values(f())).toEqual([2]);
    w.assign(tensor([5]));
    expect(await values(f())).toEqual([10]);
    w.assign(w.add(1));
    expect(await values(f())).toEqual([12]);
    expect(traces()).toBe(1);
  });

  test("a variable among the arguments is passed by value", async () => {
    const w = variable([1]);
    const state = variable([0]);
    const [fn, traces] = counted((x: Tensor) => {
      state.assign(state.add(x));
      return x.mul(2);
    });
    const f = compile(fn);
    const first = f(w);
    w.assign(tensor([5]));
    const second = f(w);
    expect([await values(first), await values(second), await values(state)]).toEqual([
      [2],
      [10],
      [6],
    ]);
    expect(traces()).toBe(1);
  });

  test("assigning to it throws", () => {
    const w = variable([1]);
    const f = compile((v: Tensor) => {
      (v as typeof w).assign(v.mul(2));
    });
    expect(() => f(w)).toThrow(TraceError);
    expect(() => f(w)).toThrow(/argument 0 is a variable passed by value.*closure/);
  });

  test("a learning rate is written to the device: no new trace", async () => {
    const w = variable([1]);
    const optimizer = optim.sgd([w], { learningRate: 1 });
    const [fn, traces] = counted(() => optimizer.minimize(w.sum()));
    const f = compile(fn);
    f();
    expect(await values(w)).toEqual([0]);
    optimizer.learningRate = 0.5;
    f();
    expect(await values(w)).toEqual([-0.5]);
    expect(traces()).toBe(1);
  });

  test("a learning rate that the function reads is part of the key, and one that it sets is set in every call", async () => {
    const w = variable([1]);
    const optimizer = optim.sgd([w], { learningRate: 1 });
    const [read, reads] = counted(() => {
      optimizer.minimize(w.sum());
      return { rate: optimizer.learningRate };
    });
    const [halve, halvings] = counted(() => {
      optimizer.minimize(w.sum());
      optimizer.learningRate = (optimizer.learningRate as number) / 2;
    });
    const [set, settings] = counted(() => {
      optimizer.learningRate = 0.25;
      optimizer.minimize(w.sum());
    });
    const [f, g, h] = [compile(read), compile(halve), compile(set)];
    expect([f().rate, f().rate, reads()]).toEqual([1, 1, 1]);
    optimizer.learningRate = 0.5;
    expect([f().rate, reads()]).toEqual([0.5, 2]);
    expect(await values(w)).toEqual([-1.5]);
    g();
    g();
    expect(await values(w)).toEqual([-2.25]);
    expect([optimizer.learningRate, halvings()]).toEqual([0.125, 2]);
    h();
    optimizer.learningRate = 1;
    h();
    expect([optimizer.learningRate, settings()]).toEqual([0.25, 1]);
    optimizer.minimize(w.sum());
    expect(await values(w)).toEqual([-3]);
  });

  test("the training flags that the trace read are part of the key", async () => {
    const model = nn.sequential(nn.dropout(0.5), nn.dropout(0.5));
    const [fn, traces] = counted((x: Tensor) => model.forward(x));
    const f = compile(fn);
    const x = new Float32Array(64).fill(1);
    const drops = async () => (await values(f(x))).includes(0);
    expect(await drops()).toBe(true);
    model.eval();
    expect(await drops()).toBe(false);
    model.train();
    expect(await drops()).toBe(true);
    expect(traces()).toBe(2);
    model[1].eval();
    expect((await values(f(x))).some((v) => v === 2)).toBe(true);
    expect(traces()).toBe(3);
  });

  test("modes that functions set themselves make no new traces, and are set in every call", async () => {
    const model = nn.sequential(nn.dropout(0.5), nn.dropout(0.5));
    const [train, trainTraces] = counted((x: Tensor) => model.train().forward(x));
    const [judge, judgeTraces] = counted((x: Tensor) => {
      const wasTraining = model.training;
      const y = model.eval().forward(x);
      if (wasTraining) model[0].train();
      return y;
    });
    const [trained, judged] = [compile(train), compile(judge)];
    const x = new Float32Array(64).fill(1);
    for (let i = 0; i < 3; i++) {
      expect(await values(trained(x))).toContain(0);
      expect(model.training).toBe(true);
      expect(await values(judged(x))).not.toContain(0);
      expect([model, model[0], model[1]].map((m) => m.training)).toEqual([false, true, false]);
    }
    expect(trainTraces()).toBe(1);
    expect(judgeTraces()).toBe(1);
    expect(await values(judged(x))).not.toContain(0);
    expect(judgeTraces()).toBe(2);
  });

  test("a module made while a function is traced keeps its weights", async () => {
    let made: nn.Linear | undefined;
    const f = compile((x: Tensor) => (made ??= nn.linear(1, 1)).forward(x));
    const x = tensor([[2]]);
    const [y] = await values(f(x));
    const [w, b] = await Promise.all([made!.weight.item(), made!.bias!.item()]);
    expect(y).toBeCloseTo(2 * w + b, 5);
  });
});

describe.each(backends)("what a traced value refuses, on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const attempt = (act: (x: Tensor) => unknown) => () =>
    compile((x: Tensor) => {
      act(x);
      return x;
    })(Float32Array.of(1));
  const loose = (x: Tensor) => x as unknown as number;

  test.each<[string, (x: Tensor) => unknown]>([
    ["x + 1", (x) => loose(x) + 1],
    ["1 - x", (x) => 1 - loose(x)],
    ["x > 0", (x) => loose(x) > 0],
    ["x == 0", (x) => loose(x) == 0],
    ["Math.max(x, 0)", (x) => Math.max(loose(x), 0)],
    ["-x", (x) => -loose(x)],
    ['x + "text"', (x) => loose(x) + "text"],
  ])("%s throws and says why", (_, act) => {
    expect(attempt(act)).toThrow(TraceError);
    expect(attempt(act)).toThrow(/float32\[1\].*computed later.*where/);
    expect(() => act(tensor([1]).add(1))).toThrow(TraceError);
  });

  test("String(x) prints its node", () => {
    const seen: string[] = [];
    attempt((x) => seen.push(String(x), `${x.matmul(x)}`))();
    expect(seen[0]).toMatch(/^float32\[1\] /);
    expect(seen[1]).toMatch(/^float32\[\] /);
  });

  test.each<[string, (x: Tensor) => Promise<unknown>]>([
    ["data", (x) => x.data()],
    ["array", (x) => x.mul(2).array()],
    ["item", (x) => x.sum().item()],
    ["print", (x) => x.print()],
  ])("%s() rejects: there is no value yet", async (_, read) => {
    const reads: Promise<unknown>[] = [];
    attempt((x) => {
      const promise = read(x);
      promise.catch(() => {});
      reads.push(promise);
    })();
    await expect(reads[0]).rejects.toThrow(TraceError);
    await expect(reads[0]).rejects.toThrow("return it from the function");
  });

  test("a traced tensor that escaped is of no use outside", async () => {
    const kept: Tensor[] = [];
    attempt((x) => kept.push(x.mul(2)))();
    expect(() => kept[0].add(1)).toThrow(TraceError);
    await expect(kept[0].data()).rejects.toThrow(TraceError);
    const w = variable([1]);
    expect(() => w.assign(kept[0])).toThrow(TraceError);
    attempt((x) => kept.push(x))();
    for (const x of kept) {
      expect(() => compile((y: Tensor) => y)(x)).toThrow(TraceError);
      await expect(x.gpuBuffer()).rejects.toThrow(TraceError);
    }
  });

  test("an async function throws", () => {
    const f = compile(async (x: Tensor) => Promise.resolve(x));
    expect(() => f(tensor([1]))).toThrow(TraceError);
    expect(() => f(tensor([1]))).toThrow("an async function cannot be compiled");
  });

  test.each<[string, unknown, string]>([
    ["a module", nn.linear(1, 1), "holds a Linear"],
    ["an instance of a class", new Map(), "holds a Map"],
    ["a date in an object", { at: new Date(0) }, "holds a Date"],
    ["a function", () => 1, "holds a function"],
    ["a symbol", Symbol("s"), "holds a symbol"],
  ])("%s as an argument throws", (_, value, message) => {
    const f = compile((x: unknown) => (x === value ? tensor(1) : tensor(0)));
    const call = () => f(value);
    expect(call).toThrow(TraceError);
    expect(call).toThrow(message);
    expect(call).toThrow("through its closure");
  });

  const looks: [
    string,
    (step: { [K in "explain" | "plan" | "ready"]: () => unknown }) => unknown,
  ][] = [
    ["explain", (step) => step.explain()],
    ["plan", (step) => step.plan()],
    ["ready", (step) => step.ready()],
  ];
  test.each(looks)(
    "%s leaves mode, rate and seed as they are; a call sets them",
    async (_, look) => {
      const model = nn.sequential(nn.linear(1, 1), nn.dropout(0.5));
      const optimizer = optim.sgd(model.parameters(), { learningRate: 1 });
      const schedule: optim.Schedule = (step) => step.mul(0).add(0.25);
      const x = tensor([[1]]);
      const step = compile(() => {
        model.eval();
        optimizer.learningRate = 0.5;
        optimizer.learningRate = schedule;
        random.seed(7);
        optimizer.minimize(model.forward(x).sum());
        return random.uniform([2]);
      });
      random.seed(5);
      const undisturbed = [await values(random.uniform([2])), await values(random.uniform([2]))];
      random.seed(5);
      const drawn = [await values(random.uniform([2]))];
      await look(step);
      drawn.push(await values(random.uniform([2])));
      expect(drawn).toEqual(undisturbed);
      expect([model.training, optimizer.learningRate]).toEqual([true, 1]);
      const first = await values(step());
      expect([model.training, optimizer.learningRate]).toEqual([false, schedule]);
      const next = await values(random.uniform([2]));
      random.seed(7);
      expect(await values(random.uniform([2]))).toEqual(next);
      expect(await values(step())).toEqual(first);
    },
  );

  test("an error while tracing leaves nothing behind", async () => {
    const w = variable([1]);
    const module = nn.dropout(0.5);
    const f = compile((x: Tensor) => {
      w.assign(w.mul(100));
      module.eval();
      if (x.size === 2) throw new Error("stop");
      return w;
    });
    expect(() => f(tensor([1, 2]))).toThrow("stop");
    expect(module.training).toBe(true);
    expect(await values(w)).toEqual([1]);
    expect(await values(w.add(1))).toEqual([2]);
    expect(await values(f(tensor([1])))).toEqual([100]);
  });
});
