import { parseAst } from "vite";
import { expect, test } from "vitest";
import { takeApart } from "../../scripts/apart-plugin.ts";

const module = `export const twice = unary({
  name: "twice",
  real: (x) => two * x,
  complex: (C) => C.twice,
  partials: () => [two],
});
const two = 2;
const totalOp = {
  name: "total",
  ...reduction("number"),
  derivative: { kind: "none" },
  cpu([x]) {
    return total(x, two);
  },
};
`;

/** The lines that are left. */
const part = (forReference: boolean) =>
  takeApart(module, parseAst(module), forReference)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line);

test("programs get records without what only the reference reads", () => {
  expect(part(false)).toEqual([
    "export const twice = unary({",
    'name: "twice",',
    "partials: () => [two],",
    "});",
    "const two = 2;",
    "const totalOp = {",
    'name: "total",',
    '...reduction("number"),',
    'derivative: { kind: "none" },',
    "};",
  ]);
});

test("the reference gets a list of records with nothing but that, and their names", () => {
  const [list, ...rest] = part(true);
  expect(list).toMatch(
    /^export const \$records = \[\]; .* export const twice = unary\(\$record\(\{$/,
  );
  expect(rest).toEqual([
    'name: "twice",',
    "real: (x) => two * x,",
    "complex: (C) => C.twice,",
    "}));",
    "const two = 2;",
    "const totalOp = $record({",
    'name: "total",',
    "cpu([x]) {",
    "return total(x, two);",
    "},",
    "});",
  ]);
});

test("lines stay where they are", () => {
  for (const forReference of [false, true]) {
    const text = takeApart(module, parseAst(module), forReference);
    expect(text.split("\n").length).toBe(module.split("\n").length);
  }
});
