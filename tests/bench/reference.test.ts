import { init } from "cotangent";
import { expect, test } from "vitest";
import { multiply } from "../../bench/cotangent/multiply.ts";
import { train } from "../../bench/cotangent/train.ts";
import { classifier, product, tinyNet } from "../../bench/data.ts";
import { elementsOf, lossesOf } from "../../bench/reference.ts";

test.each([tinyNet(), classifier(4)])("losses of $name", async (network) => {
  using device = await init({ backend: "cpu" });
  expect(device.info.backend).toBe("cpu");
  const trainer = train(network);
  const losses: number[] = [];
  for (let i = 0; i < 3; i++) {
    trainer.step();
    losses.push(await trainer.loss());
  }
  const expected = lossesOf(network, 3);
  // Data are rounded to float32 as they are read.
  losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i], 6));
  expect(losses[2]).toBeLessThan(losses[0]);
});

test.each(["NN", "NT", "TN", "TT"])("elements of a product %s", async (turns) => {
  using device = await init({ backend: "cpu" });
  expect(device.info.backend).toBe("cpu");
  const data = product(5, turns[0] === "T", turns[1] === "T");
  const multiplier = multiply(data);
  multiplier.chain(1);
  const values = await multiplier.values();
  const expected = elementsOf(data, [...values.keys()]);
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
});
