import { init, ShapeError } from "cotangent";
import programs from "virtual:programs";
import { expect, test, vi } from "vitest";
import { expectation } from "../../demo/reference/expectation.ts";
import { find } from "../../demo/reference/find.ts";
import { importsOf } from "../../demo/site/reference/programs.ts";
import { renderReference } from "../../demo/site/reference/render.ts";
import { readExamples } from "../../scripts/reference/examples.ts";
import { lacks } from "../../scripts/reference/lacks.ts";
import type { Signature, Thing } from "../../scripts/reference/model.ts";

const call: Signature = {
  text: "softmax(x: Tensor, axis: number = -1): Tensor",
  parameters: [
    { name: "x", doc: "float32, of any shape" },
    { name: "axis", doc: "" },
  ],
  returns: { type: "Tensor", doc: "of the shape of `x`" },
  throws: [{ error: "ShapeError", doc: "where there is no such axis" }],
  thrown: ["DtypeError", "ShapeError"],
  hidden: [],
};

const softmax: Thing = {
  name: "softmax",
  from: "cotangent",
  kind: "function",
  file: "src/ops/softmax.ts",
  summary: "yᵢ < 1, as `Tensor` has it.",
  signatures: [call],
  members: [],
  text: "",
  bases: [],
  isMethod: true,
  hidden: [],
};

const tensor: Thing = {
  ...softmax,
  name: "Tensor",
  kind: "class",
  file: "src/graph/tensor.ts",
  signatures: [],
  members: [
    { name: "shape", text: "shape: Shape", summary: "", signatures: [], hidden: ["Shape"] },
  ],
  isMethod: false,
};

test("each gap in docstrings is found", () => {
  expect(lacks({ things: [softmax, tensor], examples: [] })).toEqual([
    "src/ops/softmax.ts: softmax says nothing of its parameter axis",
    "src/ops/softmax.ts: softmax says nothing of its DtypeError",
    "src/graph/tensor.ts: Tensor .shape has no docstring",
    "src/graph/tensor.ts: Tensor .shape names Shape, which nobody can import",
  ]);
});

test("a name stands with its call, its words, its errors and the programs that use it", async () => {
  const example = {
    file: "tensors.test.ts",
    title: "rows that sum to 1",
    code: "const y = x.softmax();",
    uses: ["Tensor", ".softmax"],
    isWhole: true,
    imports: { cotangent: ["type Tensor", "* as cotangent"], "cotangent/io": ["safetensors"] },
  };
  const { index, entries } = await renderReference({
    things: [softmax, tensor],
    examples: [example, { ...example, title: "unused", uses: [] }],
  });
  expect(index).toContain('<a href="#softmax">softmax</a>');
  expect(entries).toContain('<article id="softmax"');
  expect(entries).toContain('<a href="#Tensor">Tensor</a>');
  expect(entries).toContain('yᵢ &lt; 1, as <a href="#Tensor"><code>Tensor</code></a> has it.');
  expect(entries).toContain("<code>x.softmax(…)</code>");
  expect(entries).toContain("where there is no such axis");
  expect(entries).toContain('<a href="#p-tensors-rows-that-sum-to-1">');
  expect(entries).toContain('<article id="p-tensors-rows-that-sum-to-1" class="example">');
  expect(entries).toContain('data-program="p-tensors-rows-that-sum-to-1"');
  expect(entries).not.toContain("unused");
  const lost = { ...softmax, file: "src/new.ts" };
  await expect(renderReference({ things: [lost], examples: [] })).rejects.toThrow(
    "no group for softmax of src/new.ts",
  );
});

test("programs have their imports, and what stands before them in their file", async () => {
  const examples = await readExamples("tests/api");
  const called = (title: string) => examples.find((each) => each.title.endsWith(title))!;
  const exact = called("complexStepGrad is exact to rounding");
  expect(importsOf([exact, called("trained, saved and loaded")])).toEqual([
    'import { compile, complexStepGrad, nn, optim, random, tensor, where, type Tensor } from "cotangent";',
    'import { safetensors } from "cotangent/io";',
  ]);
  expect(exact.code).toMatch(
    /^const f = \(x: Tensor\) => .*\nconst x = \(\) => .*\n\nconst g = await complexStepGrad/,
  );
  expect(exact.isWhole).toBe(true);
  // What the tests alone have is nothing to be run elsewhere.
  expect(called("a compiled step in a loop over batches").isWhole).toBe(false);
  expect(called("operands are tensors or numbers").isWhole).toBe(false);
});

test("a program that is offered runs with what it is given, and writes what is expected of", async () => {
  await init({ backend: "cpu" });
  const written = vi.spyOn(console, "log").mockImplementation(() => {});
  // These are quick, and need what stands before them; all are tests, which run.
  const some = Object.keys(programs).filter((id) => /^p-(differentiate|oracles)-/.test(id));
  expect(some.length).toBeGreaterThan(12);
  for (const id of some) {
    written.mockClear();
    await expect(programs[id](expectation, "cpu"), id).resolves.toBeUndefined();
    if (id.endsWith("-differentiation-grad")) expect(written.mock.calls).toEqual([[[9, 18, 18]]]);
    if (id.endsWith("-bad-input"))
      expect(written.mock.calls.flat().some((value) => value instanceof ShapeError)).toBe(true);
  }
  written.mockRestore();
});

test("the name that is meant comes first, then what begins so, then what speaks of it", () => {
  const entry = (name: string, words = "", members: string[] = [], more = "") => ({
    name,
    words,
    members,
    more,
  });
  const entries = [
    entry("logSoftmax"),
    entry("nn.softmaxCrossEntropy"),
    entry("nn.softmax"),
    entry("softmax"),
    entry("exp", "As in Softmax, row by row"),
    entry("sin"),
    entry("DisposedError", "It was used after dispose."),
    entry("Tensor", "A node.", ["shape", "dispose"], "Frees the value. In programs: a long loop"),
  ];
  const names = (query: string) => find(entries, query).map(({ name }) => name);
  expect(names("Softmax")).toEqual([
    "softmax",
    "nn.softmax",
    "nn.softmaxCrossEntropy",
    "logSoftmax",
    "exp",
  ]);
  expect(names(" x.sin")).toEqual(["sin"]);
  expect(names("row softmax")).toEqual(["exp"]);
  expect(names("cross_entropy")).toEqual(["nn.softmaxCrossEntropy"]);
  expect(names("log softmax")).toEqual(["logSoftmax"]);
  expect(names(".dispose")).toEqual(["Tensor", "DisposedError"]);
  expect(names("free node")).toEqual(["Tensor"]);
  expect(names("loop")).toEqual(["Tensor"]);
  expect(names("")).toHaveLength(8);
  expect(names("qr")).toEqual([]);
});
