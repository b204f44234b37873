import { parseAst } from "vite";
import { expect, test } from "vitest";
import { rulesAlone, withoutRules } from "../../scripts/apart-plugin.ts";

const module = `export { half } from "./half.ts";
export const twice = unary({
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
const program = parseAst(module);

test("programs get records without what only the reference reads; lines stay where they are", () => {
  expect(withoutRules(module, program).split("\n")).toEqual([
    'export { half } from "./half.ts";',
    "export const twice = unary({",
    '  name: "twice",',
    "  ",
    "",
    "partials: () => [two],",
    "});",
    "const two = 2;",
    "const totalOp = {",
    '  name: "total",',
    '  ...reduction("number"),',
    '  derivative: { kind: "none" },',
    "  ",
    "",
    "",
    "};",
    "",
  ]);
});

test("the reference gets a list of records with nothing but that, and their names", () => {
  expect(rulesAlone(module, program).split("\n")).toEqual([
    "",
    'const $record0 = { name: "twice", real: (x) => two * x, complex: (C) => C.twice };',
    "export const twice = unary($record0);",
    "const two = 2;",
    'const $record1 = { name: "total", cpu([x]) {',
    "    return total(x, two);",
    "  } };",
    "const totalOp = $record1;",
    "",
    "export const $records = [$record0, $record1];",
    "",
  ]);
});
