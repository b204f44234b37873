import { compile, init, optim, tensor, variable, type Tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { readGolden, type GoldenCase } from "../golden/read.ts";
import {
  optimizerOf,
  scheduleOf,
  type Recipe,
  type TorchSchedule,
} from "../../scripts/goldens/recipes.ts";

const { cases, tensors } = await readGolden("optim");
const part = (c: GoldenCase, name: string) => tensors.get(`${c.id}/${name}`)!;
const groupOf = (prefix: string) => cases.filter(({ op }) => op.startsWith(prefix));

/** float64 code is as good as exact; float32 rounds a few times in each step. */
const bounds: Record<string, number> = { cpu: 1e-12, webgpu: 32 * 2 ** -24 };

async function expectClose(got: Tensor, truth: ArrayLike<number>, bound: number): Promise<void> {
  const values = await got.data<Float64Array>({ dtype: "float64" });
  const scale = Math.max(...Array.from(truth, Math.abs));
  const far = Array.from(truth, (v, i) => Math.abs(values[i] - v));
  expect(Math.max(...far), `${values.join()} for ${Array.from(truth).join()}`).toBeLessThanOrEqual(
    bound * scale,
  );
}

describe.each(backends)("PyTorch's on %s", (backend) => {
  test.each(groupOf("optim_"))("$op: the parameters after each step", async (c) => {
    await init({ backend });
    const start = part(c, "in.p0").data;
    const n = start.length;
    const p = variable(tensor(start));
    const optimizer = optimizerOf([p], c.attrs as unknown as Recipe);
    const step = compile((g: Tensor) => optimizer.apply([g]));
    const grads = part(c, "in.grads").data;
    const params = part(c, "out64.params").data;
    for (let at = 0; at < grads.length; at += n) {
      step(grads.slice(at, at + n));
      await expectClose(p, params.slice(at, at + n), bounds[backend]);
    }
  });

  test.each(groupOf("sched_"))("$op: the learning rate of each step", async (c) => {
    await init({ backend });
    const { base_lr, schedule } = c.attrs as unknown as {
      base_lr: number;
      schedule: TorchSchedule;
    };
    const made = variable(0);
    const rate = scheduleOf(base_lr, schedule);
    const step = compile(() => {
      const lr = rate(made.value);
      made.assign(made.add(1));
      return lr;
    });
    const truth = part(c, "out64.lr").data;
    await expectClose(step.repeat(truth.length)(), truth, bounds[backend]);
  });

  test.each(groupOf("clip"))("$id: $attrs.mode", async (c) => {
    await init({ backend });
    const { mode, max } = c.attrs as { mode: string; max: number };
    const names = ["a", "b", "c"];
    const grads = names.map((name) => {
      const { data, shape } = part(c, `in.${name}`);
      return tensor(data, shape);
    });
    const orders = { norm1: 1, norm2: 2, norminf: Infinity } as const;
    const order = orders[mode as keyof typeof orders];
    const clipped =
      mode === "value"
        ? optim.clipByValue(grads, max)
        : optim.clipByGlobalNorm(grads, max, { order });
    for (const [i, name] of names.entries()) {
      await expectClose(clipped[i], part(c, `out64.${name}`).data, bounds[backend]);
    }
    if (order) {
      const total = optim.globalNorm(grads, { order });
      await expectClose(total, part(c, "out64.total_norm").data, bounds[backend]);
    }
  });
});
