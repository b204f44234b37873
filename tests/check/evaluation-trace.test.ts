import { complexStepGrad, evaluationTrace, tensor, type Tensor } from "cotangent";
import { expect, test } from "vitest";
import { records, samplesOf } from "../ops/elementwise-cases.ts";

// The condition of `where` is the only operand there that is no number.
const names = [...records]
  .filter(([name, { derivative }]) => derivative.kind !== "none" && name !== "where")
  .map(([name]) => name);

test.each(names)("%s of scalars: both modes agree, and with complex steps", async (name) => {
  for (const { f, domains } of samplesOf(name)) {
    for (const part of [0.23, 0.71]) {
      const xs = domains.map(([low, high], i) => low + (high - low) * ((part + 0.37 * i) % 1));
      // A second op on top, so that tangents and adjoints are not 1.
      const { nodes } = evaluationTrace((...ys: Tensor[]) => f(...ys).mul(3), ...xs);
      for (const i of xs.keys()) {
        const along = (x: Tensor) => f(...xs.map((v, k) => (k === i ? x : tensor(v)))).mul(3);
        const [step] = await complexStepGrad(along, tensor(xs[i]));
        const near = expect.closeTo(step, 11 - Math.ceil(Math.log10(1 + Math.abs(step)))) as number;
        expect(nodes[i].adjoint).toEqual(near);
        expect(nodes.at(-1)!.tangents[i]).toEqual(near);
      }
    }
  }
});
