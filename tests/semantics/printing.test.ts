import { inspect } from "node:util";
import { compile, init, tensor, variable, zeros, type Tensor } from "cotangent";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("printing on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  const printed = async (x: Tensor) => {
    await x.data();
    return String(x).replace(/ \w+\[[\d, ]*\] \w+$/, "");
  };

  // Each text is what NumPy prints for the same array.
  test.each<[string, Tensor]>([
    ["[1. 2. 3.]", tensor([1, 2, 3])],
    ["[0.1  0.25]", tensor([0.1, 0.25])],
    [
      "[[1. 2.]\n [3. 4.]]",
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ],
    [
      "[[[1.]\n  [2.]]\n\n [[3.]\n  [4.]]]",
      tensor([
        [[1], [2]],
        [[3], [4]],
      ]),
    ],
    ["[ 1 -2 30]", tensor([1, -2, 30], { dtype: "int32" })],
    ["[4294967295          0]", tensor([4294967295, 0], { dtype: "uint32" })],
    ["[ True False]", tensor([true, false])],
    ["[ 1. nan inf]", tensor([1, NaN, Infinity])],
    ["[-1.5     -inf  0.125]", tensor([-1.5, -Infinity, 0.125])],
    ["[-0.  0.]", tensor([-0, 0])],
    ["[1.e-05 1.e+00]", tensor([1e-5, 1])],
    ["[1.0e+08 2.5e+00]", tensor([1e8, 2.5])],
    ["[1.2345e+10]", tensor([12345e6])],
    ["[0.33333334 0.6666667 ]", tensor([1 / 3, 2 / 3])],
    ["[]", zeros([0])],
    ["[]", zeros([2, 0])],
    ["[ True]", tensor([true])],
    ["[-0.e+00  1.e-08]", tensor([-0, 1e-8])],
    ["0.057572365", tensor(0.057572365)],
    ["5.0", tensor(5)],
    ["0.1", tensor(0.1)],
    ["1e+10", tensor(1e10)],
    ["nan", tensor(NaN)],
    ["-0.0", tensor(-0)],
    ["0.00012", tensor(1.2e-4)],
    ["[0.0001 0.05  ]", tensor([1e-4, 0.05])],
    ["[0.001 1.   ]", tensor([0.001, 1])],
    ["[1.000e-03 1.001e+00]", tensor([0.001, 1.001])],
    ["[ 1.e+20 -1.e-20]", tensor([1e20, -1e-20])],
    [
      "[[  1.5   nan]\n [100.   -2. ]]",
      tensor([
        [1.5, NaN],
        [100, -2],
      ]),
    ],
    ["7", tensor(7, { dtype: "int32" })],
    ["True", tensor(true)],
  ])("%s", async (text, x) => {
    expect(await printed(x)).toBe(text);
  });

  test("long ones are shown by their edges", async () => {
    const long = tensor(Float32Array.from({ length: 1001 }, (_, i) => i));
    expect(await printed(long)).toBe("[   0.    1.    2. ...  998.  999. 1000.]");
    const wide = zeros([2, 600], { dtype: "int32" });
    expect(await printed(wide)).toBe("[[0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]]");
    // Of what is large no copy is kept.
    const large = zeros([100, 101]).add(1);
    await large.data();
    expect(String(large)).toBe("float32[100, 101] add");
  });

  test("long rows are broken into lines", async () => {
    const row = tensor(Float32Array.from({ length: 30 }, (_, i) => i + (i === 17 ? 0.5 : 0)));
    expect(await printed(row)).toBe(
      "[ 0.   1.   2.   3.   4.   5.   6.   7.   8.   9.  10.  11.  12.  13.\n" +
        " 14.  15.  16.  17.5 18.  19.  20.  21.  22.  23.  24.  25.  26.  27.\n" +
        " 28.  29. ]",
    );
    expect(await printed(row.reshape([1, 30]))).toBe(
      "[[ 0.   1.   2.   3.   4.   5.   6.   7.   8.   9.  10.  11.  12.  13.\n" +
        "  14.  15.  16.  17.5 18.  19.  20.  21.  22.  23.  24.  25.  26.  27.\n" +
        "  28.  29. ]]",
    );
  });

  test("before it is read, a tensor says what it is", () => {
    expect(String(tensor([[1, 2]]).mul(2))).toBe("float32[1, 2] mul");
    expect(String(variable([1, 2]))).toBe("float32[2] variable");
  });

  test("Node's console shows the same", async () => {
    const x = tensor([1, 2]).add(1);
    expect(inspect(x)).toBe("float32[2] add");
    await x.data();
    expect(inspect(x)).toBe("[2. 3.] float32[2] add");
    expect(inspect({ x })).toContain("[2. 3.]");
  });

  test("a variable shows what was read, not what it held before", async () => {
    const w = variable([1]);
    await w.data();
    w.assign(tensor([2]));
    expect(String(w)).not.toContain("[1.]");
    await w.data();
    compile(() => w.assign(w.add(1)))();
    expect(String(w)).not.toContain("[2.]");
  });

  test("print() writes the values to the console", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await tensor([1, 2]).mul(2).print();
    expect(log.mock.calls).toEqual([[expect.stringMatching(/^\[2\. 4\.\]/)]]);
    log.mockRestore();
  });
});
