import ts from "typescript";
import { expect, test } from "vitest";
import { callDocs } from "../../scripts/reference/docs.ts";
import { readExamples } from "../../scripts/reference/examples.ts";

const parse = (text: string) =>
  ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true).statements;

test("a function's own words go before those of its family", () => {
  const [family, own] = parse(`
/**
 * Any.
 * @param x any shape
 * @param axis the last by default
 * @returns of x's shape
 * @throws DtypeError where x is no float32
 */
function family(x, axis) {}
/**
 * Softmax.
 * @param axis negative ones count
 *   from the back
 * @throws ShapeError where there is no such axis
 */
function own(x, axis) {}`);
  const docs = callDocs([own, family]);
  expect([...docs.parameters]).toEqual([
    ["axis", "negative ones count\nfrom the back"],
    ["x", "any shape"],
  ]);
  expect(docs.returns).toBe("of x's shape");
  expect(docs.throws).toEqual([
    { error: "ShapeError", doc: "where there is no such axis" },
    { error: "DtypeError", doc: "where x is no float32" },
  ]);
});

test("examples are the bodies of tests, with the names they use", async () => {
  const examples = await readExamples("tests/api");
  const { code, uses } = examples.find(({ title }) => title === "training: train() and eval()")!;
  expect(code).toMatch(/^const model = nn\.sequential\(/);
  expect(uses).toEqual(expect.arrayContaining(["compile", "nn.sequential", "nn.dropout", ".eval"]));
  expect(uses).not.toContain("expect");
  expect(examples.filter(({ title }) => /%|,:/.test(title))).toEqual([]);
});
