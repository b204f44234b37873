import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init, tensor, type Tensor } from "cotangent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupsIn, readGroup, type Case, type Stored } from "../../scripts/goldens/format.ts";
import { scheduleRun } from "../../scripts/goldens/optim-runs.ts";
import { scheduleOf } from "../../scripts/goldens/recipes.ts";
import { ruleOf } from "../../scripts/goldens/registry.ts";
import { runCase } from "../../scripts/goldens/run.ts";
import { activate } from "../../scripts/goldens/rules/elementwise.ts";
import { parse } from "../../scripts/goldens/rules/expression.ts";
import { apply, type Tensors } from "../../scripts/goldens/rules/rule.ts";
import { boundOf } from "../../scripts/goldens/tolerance.ts";

let folder: string;

beforeAll(async () => {
  await init({ backend: "cpu" });
  folder = await mkdtemp(join(tmpdir(), "goldens-"));
});
afterAll(() => rm(folder, { recursive: true }));

const blank: Case = {
  group: "g",
  id: "c",
  op: "",
  attrs: {},
  grads: [],
  tags: [],
  note: "",
  err32: {},
  tensors: new Map(),
};

const stored = (values: number[], shape = [values.length]): Stored => ({
  dtype: "float",
  shape,
  data: Float64Array.from(values),
});

/** What the rule for an op makes of some inputs. */
function compute(op: string, attrs: Case["attrs"], inputs: Tensors): Tensors {
  const c = { ...blank, op, attrs };
  return apply(ruleOf(c)!, inputs, c);
}

const ints = (values: number[] | number[][]) => tensor(values, { dtype: "int32" });

describe("files", () => {
  const data = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{}")]);
  const manifest = (cases: object[]) =>
    JSON.stringify({ format: "goldens/1", file: "g.safetensors", cases });

  beforeAll(() => writeFile(join(folder, "g.safetensors"), data));

  test("infinities and NaN are texts in JSON", async () => {
    const attrs = { value: "-Infinity", name: "infinite" };
    await writeFile(join(folder, "g.json"), manifest([{ id: "a-0", op: "a", attrs }]));
    const [c] = await readGroup(folder, "g");
    expect(c.attrs).toEqual({ value: -Infinity, name: "infinite" });
  });

  test(
    "a file that cannot be read is a failure that names it, and the other groups run",
    { timeout: 120_000 },
    async () => {
      await writeFile(join(folder, "broken.json"), '{"format": ');
      await writeFile(
        join(folder, "lost.json"),
        JSON.stringify({ format: "goldens/1", file: "no.safetensors", cases: [] }),
      );
      await writeFile(join(folder, "other.json"), '{"format": "other/1"}');
      await writeFile(join(folder, "z.json"), manifest([{ id: "a-0", op: "frobnicate" }]));
      const { code, stdout, stderr } = await goldens(folder);
      expect(code).toBe(1);
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^FAILED broken: broken\.json: .*JSON/m);
      expect(stdout).toMatch(/^FAILED lost: no\.safetensors: ENOENT/m);
      expect(stdout).toMatch(
        /^FAILED other: other\.json: the format is other\/1, not goldens\/1$/m,
      );
      expect(stdout).toMatch(/^z +0 passed +0 failed +1 unsupported +unsupported: frobnicate$/m);
      expect(stdout).toMatch(/^all +0 passed +3 failed/m);
    },
  );

  test("a folder that is not there has no groups", async () => {
    expect(await groupsIn(join(folder, "nowhere"))).toEqual([]);
  });
});

const goldens = (where: string) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const args = ["scripts/run.mjs", "scripts/goldens.ts", where, "--backend", "cpu"];
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout, stderr }),
    );
  });

describe("indices", () => {
  const x = () =>
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);

  test("axes count from the end where they are negative", async () => {
    const added = compute(
      "index_add",
      { axis: -1 },
      { x: x(), idx: ints([2, 2]), src: tensor([[10, 20], [30, 40]]) }, // prettier-ignore
    );
    expect(await added["y"].array()).toEqual([
      [1, 2, 33],
      [4, 5, 76],
    ]);
    const repeated = compute("repeat_interleave", { axis: -1, repeats: 2 }, { x: x() });
    expect(await repeated["y"].array()).toEqual([
      [1, 1, 2, 2, 3, 3],
      [4, 4, 5, 5, 6, 6],
    ]);
    const rolled = compute("roll", { axes: [-1], shifts: [1] }, { x: x() });
    expect(await rolled["y"].array()).toEqual([
      [3, 1, 2],
      [6, 4, 5],
    ]);
  });

  test("the padding row counts from the end where it is negative", async () => {
    const c = { ...blank, op: "embedding", attrs: { padding_idx: -1 }, grads: ["w"] };
    c.tensors = new Map([
      ["in.w", stored([1, 2, 3], [3, 1])],
      ["in.ids", { dtype: "int32", shape: [3], data: Int32Array.of(0, 2, 2) }],
      ["out64.y", stored([1, 3, 3], [3, 1])],
      ["gout.y", stored([5, 7, 9], [3, 1])],
      ["gin64.w", stored([5, 0, 0], [3, 1])],
    ]);
    expect(await runCase(c, "cpu")).toMatchObject({ status: "passed" });
  });

  test.each([
    ["add", [[1, 22, 3], [14, 5, 6]]], // prettier-ignore
    ["none", [[1, 20, 3], [10, 5, 6]]], // prettier-ignore
  ])("scattered along one axis, fewer along the other: %s", async (reduce, expected) => {
    const inputs = { x: x(), idx: ints([[1, 0]]), src: tensor([[10, 20]]) };
    const { y } = compute("scatter_elements", { axis: 0, reduce }, inputs);
    expect(await y.array()).toEqual(expected);
  });
});

test("numbers in 16 and 8 bits", async () => {
  const x = tensor([1, -2, 65519, 65520, 2 ** -24, 2 ** -25, 1 + 2 ** -11, 1 + 3 * 2 ** -11, -0]);
  const h_bits = ints([0x3c00, 0xc000, 0x7c00, 1, 0x8000, 0x7e00]);
  const c = compute("convert", { q_scale: 0.5, q_zero: 3 }, { x, h_bits });
  const hex = async (bits: Tensor) => [...(await bits.data())].map((b) => b.toString(16));
  expect(await hex(c["f16bits"])).toEqual("3c00 c000 7bff 7c00 1 0 3c00 3c02 8000".split(" "));
  expect(await hex(c["bf16bits"])).toEqual(
    "3f80 c000 4780 4780 3380 3300 3f80 3f80 8000".split(" "),
  );
  expect([...(await c["h_f32"].data())]).toEqual([1, -2, Infinity, 2 ** -24, -0, NaN]);
  expect(await c["q"].array()).toEqual([5, -1, 127, 127, 3, 3, 5, 5, 3]);
});

test("recurrent layers lie on each other, and time may come first", async () => {
  const layer = (l: number, w: number) => ({
    [`weight_ih_l${l}`]: tensor([[w]]),
    [`weight_hh_l${l}`]: tensor([[0.5]]),
    [`bias_ih_l${l}`]: tensor([0.1]),
    [`bias_hh_l${l}`]: tensor([0]),
  });
  const attrs = { layers: 2, bidirectional: false, batch_first: false };
  const x = tensor([1, 2, 3], [3, 1, 1]);
  const inputs = { x, h0: tensor([0.2, 0.3], [2, 1, 1]), ...layer(0, 1), ...layer(1, -2) };
  const { y, hn } = compute("rnn_tanh", attrs, inputs);
  let [h, k] = [0.2, 0.3];
  const expected = [1, 2, 3].map((t) => {
    h = Math.tanh(t + 0.1 + 0.5 * h);
    k = Math.tanh(-2 * h + 0.1 + 0.5 * k);
    return k;
  });
  const near = (values: Iterable<number>) => [...values].map((v) => expect.closeTo(v, 6));
  expect(y.shape).toEqual([3, 1, 1]);
  expect([...(await y.data())]).toEqual(near(expected));
  expect([...(await hn.data())]).toEqual(near([h, k]));
});

test("matrices in a stack", async () => {
  const x = tensor([4, 2, 2, 5, 9, 3, 3, 2], [2, 2, 2]);
  const { y: inverse } = compute("inv", {}, { x });
  const { y: root } = compute("cholesky", {}, { x });
  const near = [1, 0, 0, 1, 1, 0, 0, 1].map((v) => expect.closeTo(v, 6));
  expect([...(await inverse.matmul(x).data())]).toEqual(near);
  const again = root.matmul(root, { transposeB: true });
  expect([...(await again.data())]).toEqual([...(await x.data())].map((v) => expect.closeTo(v, 6)));
});

test("an activation's constant is in its name", async () => {
  const at = async (name: string) => activate(name, tensor(-1)).item();
  expect(await at("leaky_relu_0.1")).toBeCloseTo(-0.1, 7);
  expect(await at("elu_0.5")).toBeCloseTo(0.5 * Math.expm1(-1), 7);
  expect(await at("swish_b1.5")).toBeCloseTo(-1 / (1 + Math.exp(1.5)), 7);
  expect(() => activate("wiggle", tensor(1))).toThrow("no activation is called wiggle");
});

test.each([
  ["x^x", 4],
  ["x^-2", 0.25],
  ["2^x", 4],
  ["x^(1/2)", Math.SQRT2],
  ["2 asinh(x)", 2 * Math.asinh(2)],
  ["-x^2 + pi", Math.PI - 4],
])("the formula %s", async (formula, expected) => {
  expect(await parse(formula)(tensor(2)).item()).toBeCloseTo(expected, 6);
});

test("formulas of schedules have numbers of their own", async () => {
  const rateAt = async (formula: string, made: number) =>
    scheduleOf(1, { type: "lambda", formula })(tensor(made)).item();
  const noam = "sqrt(4)*min((s+1)^-0.5, (s+1)*4^-1.5) times base lr";
  expect(await rateAt(noam, 3)).toBeCloseTo(1, 6);
  expect(await rateAt(noam, 15)).toBeCloseTo(0.5, 6);
  const cosine = "s<5 ? (s+1)/5 : 0.1+0.45*(1+cos(pi*(s-5)/(25-5)))  times base lr";
  expect(await rateAt(cosine, 1)).toBeCloseTo(0.4, 6);
  expect(await rateAt(cosine, 15)).toBeCloseTo(0.55, 6);
  const wrong = { type: "CyclicLR", base_lr: 1, max_lr: 2, step_size_up: 3, mode: "triangular2" };
  const c = { ...blank, attrs: { base_lr: 1, schedule: wrong } };
  c.tensors = new Map([["out64.lr", stored([1, 1])]]);
  expect(() => scheduleRun(c)!({})).toThrow("triangular2");
});

test("float64 gradients at huge logits are compared with what came in, others with themselves", () => {
  const c = { ...blank, op: "softmax", tags: ["extreme"] };
  c.tensors = new Map([["gout.y", stored([1, -1])]]);
  const tiny = Float64Array.of(1e-9, -1e-9);
  expect(boundOf(c, "gin64.x", tiny, "cpu")(0)).toBe(1e-12);
  expect(boundOf({ ...c, tags: [] }, "gin64.x", tiny, "cpu")(0)).toBeCloseTo(1e-21, 30);
});

test("a tangent that is a sum in float32 is as near as its terms are", () => {
  const c = { ...blank, op: "sumsq", grads: ["x"] };
  c.tensors = new Map([
    ["gout.y", stored([2])],
    ["gin64.x", stored([200, 4])],
    ["tan.x", stored([1, -49])],
  ]);
  const truth = Float64Array.of(2);
  expect(boundOf(c, "jvp64.y", truth, "webgpu")(0)).toBeCloseTo(32 * 2 ** -24 * 198, 12);
  expect(boundOf(c, "jvp64.y", truth, "cpu")(0)).toBe(2e-12);
});
