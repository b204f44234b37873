import { compile, gradients, tensor, topK, variable, type Tensor } from "cotangent";
import { afterEach, beforeEach, expect, test } from "vitest";
import { setCurrentBackend } from "../../src/graph/backend.ts";
import { PrintingBackend } from "./printing-backend.ts";

// What a backend is asked to do, shown by one that does nothing else.

let printed: string[];
beforeEach(() => {
  printed = [];
  setCurrentBackend(new PrintingBackend((line) => printed.push(line)));
});
afterEach(() => setCurrentBackend(null));

/** What has been printed since the last time, with variables numbered as they come. */
function text(): string {
  const lines = printed.splice(0).join("\n");
  const ids = [...new Set(lines.match(/v\d+/g))];
  return lines.replace(/v\d+/g, (id) => `v${ids.indexOf(id)}`);
}

test("what is read is computed, and equal applications are one", async () => {
  const [x, y] = [tensor([3, 4]), tensor([1, 2])];
  const z = x.mul(y).add(x.mul(y)).sum();
  expect(printed).toEqual([]);
  expect(await z.item()).toBe(0);
  expect(text()).toBe(
    ["x2 = mul(argument 0, argument 1)", "x3 = add(x2, x2)", "x4 = sum(x3)", "return x4"].join(
      "\n",
    ),
  );
  expect(await z.item()).toBe(0);
  expect(text()).toBe("");
});

test("a compiled step is one program, with what it assigns; an op with several results is one line", async () => {
  const w = variable([1, 2]);
  const step = compile((x: Tensor) => {
    const loss = topK(x.mul(w), 1)[0].sum();
    w.assign(w.sub(gradients(loss, [w])[0]));
    return loss;
  });
  await step(tensor([1, 1])).item();
  expect(text()).toMatchInlineSnapshot(`
    "x1 = identity(argument 0)
    v0 ← x1
    x2 = mul(argument 0, v0)
    x3, x4 = topK(x2)
    x5 = sum(x3)
    x7 = reshape(1)
    x8 = scatterAddAlongAxis(x7, x4)
    x9 = mul(x8, argument 0)
    x10 = sub(v0, x9)
    x11 = identity(x10)
    v0 ← x11
    return x5"
  `);
  step.repeat(3)(tensor([1, 1]));
  expect(text()).toMatchInlineSnapshot(`
    "3 times:
    x2 = mul(argument 0, v0)
    x3, x4 = topK(x2)
    x5 = sum(x3)
    x7 = reshape(1)
    x8 = scatterAddAlongAxis(x7, x4)
    x9 = mul(x8, argument 0)
    x10 = sub(v0, x9)
    x11 = identity(x10)
    v0 ← x11
    return x5"
  `);
});

test("the old value of a variable is copied where something may still ask for it", async () => {
  const w = variable([1, 2]);
  await w.data();
  const before = w.mul(2);
  w.assign(tensor([5, 6]));
  text();
  await w.data();
  expect(text()).toMatchInlineSnapshot(`
    "copy v0
    x1 = identity(argument 0)
    v0 ← x1
    copy v0"
  `);
  await before.data();
  expect(text()).toMatchInlineSnapshot(`
    "x2 = mul(argument 0, 2)
    return x2"
  `);
});
