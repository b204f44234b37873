import { compile, init, tensor, type Tensor } from "cotangent";
import { describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";
import { readGolden } from "../golden/read.ts";
import { lossOf, networkOf, type Task } from "./networks.ts";
import { optimizerOf } from "../../scripts/goldens/recipes.ts";

// A processor that stands in for a GPU compiles shaders slowly.
vi.setConfig({ testTimeout: 120_000 });

const { cases, tensors } = await readGolden("train");

// Rounding grows along a trajectory. The goldens say by how much for float32 (`noise`); float64 rounds 2²⁹ times finer,
// and is given some room.
const slack: Record<string, { noise: number; rounding: number }> = {
  cpu: { noise: 2 ** -22, rounding: 1e-12 },
  webgpu: { noise: 10, rounding: 2e-6 },
};

/** A schedule is computed on the host: on a GPU, which compiles each case, one of them follows those of the reference. */
const onHost = (op: string) => op.startsWith("mlp_reg_") && op !== "mlp_reg_onecycle";

describe.each(backends)("PyTorch's trajectories on %s", (backend) => {
  test.each(cases.filter(({ op }) => backend === "cpu" || !onHost(op)))(
    "$id",
    async ({ id, op, attrs }) => {
      await init({ backend });
      const task = attrs as unknown as Task & { param_order: string[] };
      const part = (name: string) => tensors.get(`${id}/${name}`)!;
      const model = networkOf(op, task, (name) => part(`in.param.${name}`).shape);
      const parameters = model.parameters();
      task.param_order.forEach((name, i) => {
        const { data, shape } = part(`in.param.${name}`);
        parameters[i].assign(tensor(data, shape));
      });
      const optimizer = optimizerOf(parameters, task);
      const step = compile((x: Tensor, y: Tensor) => {
        const loss = lossOf(op, task, model, x, y);
        optimizer.minimize(loss);
        return loss;
      });

      const x = part("in.data.x");
      const y = part("in.data.y");
      const batches = tensors.get(`${id}/in.batches`);
      const steps = part("out64.loss").data.length;
      const losses: Tensor[] = [];
      for (let s = 0; s < steps; s++) {
        const rows = batches
          ? Array.from(batches.data.subarray(s * batches.shape[1], (s + 1) * batches.shape[1]))
          : Array.from({ length: x.shape[0] }, (_, i) => i);
        losses.push(step(rowsOf(x, rows), rowsOf(y, rows)));
      }
      const { noise, rounding } = slack[backend];
      for (let s = 0; s < steps; s++) {
        const [loss] = await losses[s].data<Float64Array>({ dtype: "float64" });
        const truth = part("out64.loss").data[s];
        const bound = noise * part("noise.loss").data[s] + rounding * (1 + Math.abs(truth));
        expect(Math.abs(loss - truth), `step ${s}: ${loss} for ${truth}`).toBeLessThan(bound);
      }
    },
  );
});

type Rows = { data: Float64Array | Float32Array | Int32Array | Uint8Array; shape: number[] };

/** Some of the rows, as a tensor. */
function rowsOf({ data, shape }: Rows, rows: readonly number[]): Tensor {
  const [n, ...rest] = shape;
  const size = data.length / n;
  const picked = rows.flatMap((r) => Array.from(data.subarray(r * size, (r + 1) * size)));
  return tensor(picked, [rows.length, ...rest], {
    dtype: data instanceof Int32Array ? "int32" : "float32",
  });
}
