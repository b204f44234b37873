import { expect, test } from "vitest";
import { compile, init, tensor, variable } from "../../../src/index.ts";

await init({ backend: "cpu" });

test("repetitions keep all digits, where the first one hands on what came in float32", async () => {
  const v = variable(tensor(new Float32Array([1])));
  const old = compile(() => {
    const x = v.value;
    v.assign(v.div(3));
    return x;
  });
  expect(await old.repeat(2)().data<Float64Array>({ dtype: "float64" })).toEqual(
    Float64Array.of(1, 1 / 3),
  );
});
