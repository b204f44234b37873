import {
  compile,
  concat,
  data,
  init,
  nn,
  OutOfMemoryError,
  split,
  tensor,
  variable,
  type Tensor,
  type Variable,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { apply } from "../../src/graph/build.ts";
import type { MapOp } from "../../src/graph/op.ts";
import { backends } from "../backends.ts";

// A lazy tensor made from a variable sees the variable's value at the moment it was made.

const numbers = async (...xs: Tensor[]) =>
  Promise.all(xs.map(async (x) => Array.from(await x.data())));

describe.each(backends)("variables on %s, eager", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test.each(["lazy tensor first", "variable first"])("an assign in between, %s", async (order) => {
    const w = variable([1, 2]);
    const y = w.mul(10);
    w.assign(tensor([3, 4]));
    const read = order === "variable first" ? [w, y] : [y, w];
    const values = await numbers(...read);
    expect(order === "variable first" ? values.reverse() : values).toEqual([
      [10, 20],
      [3, 4],
    ]);
  });

  test("every version has its own readers", async () => {
    const w = variable(1);
    const seen: Tensor[] = [];
    for (let i = 0; i < 6; i++) {
      seen.push(w.add(0.5));
      w.assign(w.mul(2));
      if (i === 3) await w.data();
    }
    expect(await numbers(...seen, w)).toEqual([[1.5], [2.5], [4.5], [8.5], [16.5], [32.5], [64]]);
  });

  test("what is pending is carried out before 1,000 nodes have been made, and changes nothing", async () => {
    const w = variable([5]);
    const before = w.neg();
    for (let i = 0; i < 1500; i++) w.assign(w.add(1));
    const after = w.neg();
    w.assign(tensor([0]));
    expect(await numbers(before, after, w)).toEqual([[-5], [-1505], [0]]);
  });

  test("views of a variable are values too", async () => {
    const w = variable([
      [1, 2],
      [3, 4],
    ]);
    await w.data();
    const views = [w.reshape([4]), w.transpose(), w.slice([0, 1])];
    w.assign(w.mul(0));
    await w.data();
    expect(await numbers(...views)).toEqual([
      [1, 2, 3, 4],
      [1, 3, 2, 4],
      [2, 4],
    ]);
  });

  test.each<[string, (w: Variable) => Tensor]>([
    ["reshape", (w) => w.reshape([2])],
    ["concat", (w) => concat([w])],
    ["split", (w) => split(w, 1)[0]],
    ["dropout without a probability", (w) => nn.dropout(0).forward(w)],
    ["dropout in evaluation", (w) => nn.dropout().eval().forward(w)],
    ["sequential of nothing", (w) => nn.sequential().forward(w)],
  ])("what changes nothing gives a value and no variable: %s", async (_, f) => {
    const [v, w] = [variable([1, 2]), variable([1, 2])];
    const step = compile(() => w.assign(w.add(1)));
    const values = [f(v), f(w)];
    v.assign(v.add(1));
    step();
    expect(await numbers(...values, v, w)).toEqual([
      [1, 2],
      [1, 2],
      [2, 3],
      [2, 3],
    ]);
  });

  test("a data set has the values that a variable had when it was made", async () => {
    const w = variable([1, 2, 3]);
    const batches = data.dataset({ w }).batches(2);
    compile(() => w.assign(w.add(1)))();
    expect(await numbers(...Array.from(batches, (batch) => batch.w))).toEqual([[1, 2], [3]]);
  });

  test("two variables swap", async () => {
    const a = variable([1, 2]);
    const b = variable([3, 4]);
    const old = a.add(0);
    a.assign(b);
    b.assign(old);
    expect(await numbers(a, b)).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test("one assigned from another does not follow it", async () => {
    const a = variable([1, 2]);
    const b = variable([3, 4]);
    a.assign(b);
    b.assign(tensor([7, 7]));
    await b.data();
    b.assign(tensor([8, 8]));
    expect(await numbers(a, b)).toEqual([
      [3, 4],
      [8, 8],
    ]);
  });

  test("a compiled step that assigns leaves earlier lazy tensors as they were", async () => {
    const w = variable([1, 2]);
    const step = compile(() => {
      w.assign(w.add(1));
    });
    const y = w.mul(10);
    step();
    const z = w.mul(10);
    step();
    expect(await numbers(y, z, w)).toEqual([
      [10, 20],
      [20, 30],
      [3, 4],
    ]);
  });

  test("a pending assign is seen by the compiled function called next", async () => {
    const w = variable([1]);
    const read = compile(() => w.mul(10));
    await read().data();
    w.assign(w.add(4));
    const y = read();
    w.assign(w.add(1));
    expect(await numbers(y, w)).toEqual([[50], [6]]);
  });

  test("one that is being assigned can be asked for in GPU memory", async () => {
    const w = variable([1, 2]);
    w.assign(w.mul(3));
    if (backend === "cpu") return expect(w.gpuBuffer()).rejects.toThrow("no GPU memory");
    const { size } = await w.gpuBuffer();
    expect(size).toBeGreaterThanOrEqual(8);
    expect(await numbers(w)).toEqual([[3, 6]]);
  });

  test("what data() gave is the user's own", async () => {
    const x = tensor([1, 2]).add(0);
    const values = await x.data();
    values.fill(9);
    expect(Array.from(await x.data())).toEqual([1, 2]);
  });
});

describe.each(backends)("variables on %s, compiled", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("before and after an assign", async () => {
    const w = variable([1, 2]);
    const step = compile(() => {
      const before = w.mul(10);
      w.assign(w.add(1));
      const between = w.mul(10);
      w.assign(w.add(1));
      return [before, between, w];
    });
    for (const add of [0, 2]) {
      expect(await numbers(...step())).toEqual([
        [10 + 10 * add, 20 + 10 * add],
        [20 + 10 * add, 30 + 10 * add],
        [3 + add, 4 + add],
      ]);
    }
  });

  test("a bare variable that is returned has the value it has at the end", async () => {
    const w = variable([1, 2]);
    const step = compile(() => {
      w.assign(w.mul(3));
      return w;
    });
    const first = step();
    const second = step();
    w.assign(tensor([0, 0]));
    expect(await numbers(first, second)).toEqual([
      [3, 6],
      [9, 18],
    ]);
  });

  test("swaps and rotations", async () => {
    const [a, b, c] = [1, 2, 3].map((v) => variable([v, v * 10]));
    const step = compile(() => {
      const old = a.add(0);
      a.assign(b);
      b.assign(c);
      c.assign(old);
    });
    step();
    expect(await numbers(a, b, c)).toEqual([
      [2, 20],
      [3, 30],
      [1, 10],
    ]);
    step();
    expect(await numbers(a, b, c)).toEqual([
      [3, 30],
      [1, 10],
      [2, 20],
    ]);
  });

  test("what is made from the old value in the kernel that assigns the new one is made from the old value", async () => {
    const w = variable([[1], [2], [3]]);
    const halve = compile((x: Tensor) => {
      const old = w.neg();
      w.assign(w.mul(0.5).add(x.mean()));
      return old.neg().mul(10);
    });
    expect(await numbers(halve(tensor([1, 3])), w)).toEqual([
      [10, 20, 30],
      [2.5, 3, 3.5],
    ]);
    const v = variable([
      [1, 2],
      [3, 4],
    ]);
    const descend = compile((x: Tensor) => {
      const old = v.neg();
      v.assign(v.sub(x.matmul(x)));
      return old.neg().mul(10);
    });
    expect(await numbers(descend(tensor([1, 1, 0, 1], [2, 2])), v)).toEqual([
      [10, 20, 30, 40],
      [0, 0, 3, 3],
    ]);
  });

  test("an assign in place waits for all who read the old value", async () => {
    const w = variable([
      [1, 2],
      [3, 4],
    ]);
    const step = compile(() => {
      const old = w.sum();
      const square = w.matmul(w);
      w.assign(w.transpose().add(old));
      return square.add(old);
    });
    expect(await numbers(step(), w)).toEqual([
      [17, 20, 25, 32],
      [11, 13, 12, 14],
    ]);
  });

  test.each<[string, (w: Tensor) => Tensor, number[]]>([
    ["itself reversed", (w) => w.flip(), [4, 3, 2, 1]],
    ["itself shifted", (w) => concat([w.slice([1]), w.slice([0], [1])]), [2, 3, 4, 1]],
    ["itself less its mean", (w) => w.sub(w.mean()), [-1.5, -0.5, 0.5, 1.5]],
    [
      "itself as a matrix, transposed",
      (w) => w.reshape([2, 2]).transpose().reshape([4]),
      [1, 3, 2, 4],
    ],
    [
      "a product with itself",
      (w) =>
        w
          .reshape([2, 2])
          .matmul(w.reshape([2, 2]))
          .reshape([4]),
      [7, 10, 15, 22],
    ],
    ["itself", (w) => w, [1, 2, 3, 4]],
  ])("a variable becomes %s", async (_, f, expected) => {
    const w = variable([1, 2, 3, 4]);
    const step = compile(() => {
      const before = w.mul(1);
      w.assign(f(w));
      return before;
    });
    expect(await numbers(step(), w)).toEqual([[1, 2, 3, 4], expected]);
  });
});

const noRoom = () => {
  throw new OutOfMemoryError("there is no room");
};

/** An op that no device can carry out. */
const impossible: MapOp = {
  kind: "map",
  name: "impossible",
  infer: ([x]) => x,
  derivative: { kind: "none" },
  real: noRoom,
  scalar: noRoom,
};

describe.each(backends)("an assignment on %s that cannot be carried out", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const fail = (x: Tensor) => apply(impossible, [x], {});

  test("fails where its variable is used, until that is assigned anew, and holds nothing else up", async () => {
    const bad = variable([1, 2]);
    const good = variable([3, 4]);
    const step = compile(() => bad.mul(good));
    const reset = compile(() => bad.assign(tensor([7, 8])));
    expect(await numbers(step())).toEqual([[3, 8]]);
    const before = bad.add(10);
    good.assign(good.add(1));
    bad.assign(fail(bad));
    const other = variable([5, 6]);
    expect(await numbers(tensor([1]).add(1), good, other, before)).toEqual([
      [2],
      [4, 5],
      [5, 6],
      [11, 12],
    ]);
    for (let i = 0; i < 2; i++) {
      await expect(bad.data()).rejects.toThrow("there is no room");
      await expect(bad.add(good).data()).rejects.toThrow(OutOfMemoryError);
      expect(() => step()).toThrow(OutOfMemoryError);
    }
    const waiting = bad.add(1);
    bad.assign(bad.add(1));
    await expect(bad.data()).rejects.toThrow(OutOfMemoryError);
    bad.assign(tensor([1, 1]));
    expect(await numbers(bad, step())).toEqual([
      [1, 1],
      [4, 5],
    ]);
    await expect(waiting.data()).rejects.toThrow(OutOfMemoryError);
    bad.assign(fail(bad));
    reset();
    expect(await numbers(step(), bad.neg())).toEqual([
      [28, 40],
      [-7, -8],
    ]);
  });

  test("fails with those that need its value, whatever is read first", async () => {
    const bad = variable(fail(tensor([1, 2])));
    const dependent = variable(bad.add(1));
    const y = bad.mul(2);
    await expect(y.data()).rejects.toThrow(OutOfMemoryError);
    await expect(dependent.data()).rejects.toThrow(OutOfMemoryError);
    expect(await numbers(tensor([1]).add(1))).toEqual([[2]]);
    bad.dispose();
    dependent.assign(tensor([1, 2]));
    expect(await numbers(dependent)).toEqual([[1, 2]]);
  });
});
