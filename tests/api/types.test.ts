import {
  compile,
  data,
  fit,
  grad,
  nn,
  optim,
  tensor,
  valueAndGrad,
  variable,
  type Compiled,
  type Tensor,
  type Variable,
} from "cotangent";
import { describe, expectTypeOf, test } from "vitest";

// What the types allow; the functions here are compiled, not called.

describe("compile", () => {
  test("a parameter that takes a number is typed Tensor", () => {
    const step = compile((x: Tensor, rate: Tensor) => x.mul(rate));
    expectTypeOf(step).toBeCallableWith(tensor([1]), 0.5);
    expectTypeOf(step).toBeCallableWith(Float32Array.of(1), tensor(0.5));
    expectTypeOf(step).returns.toEqualTypeOf<Tensor>();
    expectTypeOf(step).toExtend<Compiled<[Tensor, Tensor], Tensor>>();
  });

  test("one typed number does not compile", () => {
    // @ts-expect-error a number among the arguments is a tensor in the function
    compile((x: number) => tensor(x));
    // @ts-expect-error wherever it stands
    compile((x: Tensor, rate: number) => x.mul(rate));
    // @ts-expect-error also one that may be left out
    compile((x: Tensor, rate?: number) => x.mul(rate ?? 1));
    // @ts-expect-error a literal is a number too
    compile((x: Tensor, n: 1 | 2) => x.mul(n));
  });

  test("numbers inside of arrays and objects are static, as are booleans and strings", () => {
    const f = compile((x: Tensor, { k, axes }: { k: number; axes: number[] }, mode: "a" | "b") =>
      mode === "a" ? x.mul(k) : x.sum(axes),
    );
    expectTypeOf(f).toBeCallableWith(tensor([1]), { k: 2, axes: [0] }, "b");
    const g = compile((x: Tensor, flag: boolean, label?: string | null) =>
      flag && label ? x.neg() : x,
    );
    expectTypeOf(g).toBeCallableWith(Float32Array.of(1), true, null);
  });

  test("tensors may be nested; typed arrays stand for them", () => {
    const f = compile(({ x, rest }: { x: Tensor; rest: readonly Tensor[] }) => [x, ...rest]);
    expectTypeOf(f).toBeCallableWith({ x: tensor(1), rest: [Int32Array.of(1), tensor([2])] });
    expectTypeOf(f).returns.toEqualTypeOf<Tensor[]>();
    // @ts-expect-error an array of numbers is no tensor
    const wrong: Parameters<typeof f> = [{ x: [1, 2], rest: [] }];
    // @ts-expect-error nor is a number where it does not stand by itself: there it is static
    const number: Parameters<typeof f> = [{ x: 1, rest: [] }];
    void [wrong, number];
    interface Batch {
      x: Tensor;
      y?: { labels: Tensor };
    }
    const g = compile(({ x, y }: Batch) => (y ? x.add(y.labels) : x));
    expectTypeOf(g).toBeCallableWith({ x: Float32Array.of(1), y: { labels: Int32Array.of(1) } });
  });

  test("repeat, explain, plan, profile and validate take the same arguments, or none to look at the last call", () => {
    const f = compile((x: Tensor) => x.sum());
    expectTypeOf(f.repeat(3)).toBeCallableWith(Float32Array.of(1));
    expectTypeOf(f.repeat(3)).returns.toEqualTypeOf<Tensor>();
    expectTypeOf(f.explain).toBeCallableWith();
    expectTypeOf(f.explain).toBeCallableWith(tensor(1));
    expectTypeOf(f.explain).returns.toBeString();
    expectTypeOf<ReturnType<typeof f.plan>["dispatches"][number]>().toExtend<{
      kernel: string;
      ops: readonly string[];
      wgsl: string;
      flops: number;
      bytes: number;
    }>();
    expectTypeOf(f.profile).returns.resolves.toHaveProperty("dispatches");
    expectTypeOf(f.validate).returns.resolves.toHaveProperty("worst");
  });
});

describe("tensors", () => {
  test("data() is one of four arrays, or the one that is named", () => {
    const x = tensor([1]);
    expectTypeOf(x.data()).resolves.toEqualTypeOf<
      Float32Array | Int32Array | Uint32Array | Uint8Array
    >();
    expectTypeOf(x.data<Int32Array>()).resolves.toEqualTypeOf<Int32Array>();
    expectTypeOf(x.data<Float64Array>({ dtype: "float64" })).resolves.toEqualTypeOf<Float64Array>();
    // @ts-expect-error no array of elements
    void x.data<string[]>;
    expectTypeOf(x.item()).resolves.toBeNumber();
  });

  test("operands are tensors or numbers", () => {
    const x = tensor([1]);
    expectTypeOf(x.add).toBeCallableWith(2);
    expectTypeOf(x.add).toBeCallableWith(x);
    // @ts-expect-error a list is made a tensor first
    const wrong: Parameters<typeof x.add> = [[1, 2]];
    void wrong;
    // @ts-expect-error dtypes are four
    void (() => tensor([1], { dtype: "float16" }));
  });

  test("a variable is a tensor that can be assigned", () => {
    expectTypeOf(variable([1])).toExtend<Tensor>();
    expectTypeOf<Variable["assign"]>().parameter(0).toEqualTypeOf<Tensor>();
    expectTypeOf(tensor([1])).not.toHaveProperty("assign");
  });
});

describe("gradients", () => {
  test("one gradient for one argument, a tuple for several", () => {
    const loss = (w: Tensor, b: Tensor) => w.add(b).sum();
    expectTypeOf(grad(loss)).returns.toEqualTypeOf<Tensor>();
    expectTypeOf(grad(loss, { argnums: [0, 1] })).returns.toExtend<readonly [Tensor, Tensor]>();
    expectTypeOf(valueAndGrad(loss, { argnums: 1 })).returns.toExtend<readonly [Tensor, Tensor]>();
  });

  test("nested as the argument is", () => {
    interface Layer {
      w: Tensor;
      rest: Tensor[];
    }
    const loss = (x: Tensor, { w, rest }: Layer) => rest.reduce((y, v) => y.mul(v), x.mul(w)).sum();
    expectTypeOf(grad(loss, { argnums: 1 })).returns.toEqualTypeOf<Layer>();
    expectTypeOf(grad(loss, { argnums: [1, 0] })).returns.toEqualTypeOf<readonly [Layer, Tensor]>();
    expectTypeOf(valueAndGrad(loss)).returns.toEqualTypeOf<[Tensor, Tensor]>();
  });
});

describe("training", () => {
  test("a set has the parts that it was given", () => {
    const set = data.dataset({ x: Float32Array.of(1), y: tensor([1]) });
    expectTypeOf(set).toEqualTypeOf<data.Dataset<"x" | "y">>();
    const [batch] = set.batches(1);
    expectTypeOf(batch).toEqualTypeOf<Record<"x" | "y", Tensor>>();
    // @ts-expect-error it has no z
    void batch.z;
  });

  test("fit and sequential take modules of one tensor", () => {
    class Pair extends nn.Module {
      forward(a: Tensor, b: Tensor) {
        return a.add(b);
      }
    }
    // @ts-expect-error two tensors
    void (() => nn.sequential(new Pair()));
    const set = data.dataset({ x: Float32Array.of(1), y: Float32Array.of(1) });
    const model = nn.linear(1, 1);
    const options = { loss: nn.mse, optimizer: optim.sgd(model.parameters()) };
    // @ts-expect-error two tensors
    void (() => fit(new Pair(), set, options));
    expectTypeOf(fit<never>).toBeCallableWith(model, set, options);
    // @ts-expect-error forward is missing
    class Empty extends nn.Module {}
    void Empty;
  });

  test("metrics are known by their names", async () => {
    type History = Awaited<ReturnType<typeof fit<"accuracy">>>;
    expectTypeOf<History["metrics"]>().toEqualTypeOf<Record<"accuracy", number[]>>();
  });
});
