import {
  ArgumentError,
  compile,
  init,
  nn,
  optim,
  ShapeError,
  tensor,
  type Tensor,
} from "cotangent";
import { describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";

/** A training step of a small net, and the progress that it has told of. */
function smallStep() {
  // One of eight rectified units is not sure to be alive.
  const model = nn.mlp([3, 8, 2], { activation: nn.tanh });
  const optimizer = optim.sgd(model.parameters(), { learningRate: 0.1 });
  const told: { done: number; total: number }[] = [];
  const step = compile(
    (x: Tensor) => {
      const loss = model.forward(x).square().mean();
      optimizer.minimize(loss);
      return loss;
    },
    { onProgress: (progress) => told.push(progress) },
  );
  return { model, step, told };
}

describe.each(backends)("a step made ready on %s", (backend) => {
  test("has not run, and then starts at once", async () => {
    await init({ backend });
    const { model, step, told } = smallStep();
    const [weight] = model.parameters();
    const before = await weight.data();
    const x = tensor(new Float32Array(12).fill(0.5), [4, 3]);

    expect(await step.ready(x)).toBeUndefined();
    expect(await weight.data()).toEqual(before);
    const { dispatches } = step.plan(x);
    const shaders = new Set(dispatches.map((d) => d.wgsl)).size;
    const expected = Array.from({ length: shaders }, (_, i) => ({ done: i + 1, total: shaders }));
    expect(told).toEqual(backend === "cpu" ? [] : expected);

    // What has been made is not made again.
    await step(x).item();
    expect(told.length).toBe(backend === "cpu" ? 0 : shaders);
    expect(await weight.data()).not.toEqual(before);
  });

  test("needs shapes only", async () => {
    await init({ backend });
    const step = compile((x: Tensor) => x.add(1).sum());
    await step.ready(tensor([1, 2]).mul(3));
    expect(await step(tensor([1, 2]).mul(3)).item()).toBe(11);
  });

  test("rejects with what tracing throws", async () => {
    await init({ backend });
    const step = compile((x: Tensor) => x.matmul(x));
    await expect(step.ready(tensor([[1, 2, 3]]))).rejects.toThrow(ShapeError);
    expect(() => compile((x: Tensor) => x, { onProgress: 1 as never })).toThrow(ArgumentError);
  });
});

test("a call asks for its pipelines before it returns, so that drivers compile while it goes on", async () => {
  const { gpu } = await init();
  const make = vi.spyOn(gpu!, "createComputePipelineAsync");
  const y = compile((x: Tensor) => x.mul(3).add(0.125))(tensor([1, 2]));
  expect(make).toHaveBeenCalledOnce();
  expect(await y.array()).toEqual([3.125, 6.125]);
});
