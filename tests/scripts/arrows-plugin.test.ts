import { parseAst } from "vite";
import { expect, test } from "vitest";
import { withArrows } from "../../scripts/arrows-plugin.ts";

const arrowsOf = (code: string) => withArrows(code, parseAst(code));

test("functions become constants on the lines where they stand", () => {
  const module = `export function sum(a, b = 1) {
  return a + b;
}
async function load() {
  await sum();
}
`;
  expect(arrowsOf(module)).toBe(`export const sum = (a, b = 1) => {
  return a + b;
};
const load = async () => {
  await sum();
};
`);
});

test.each([
  ["asks for what it is called on", "function read() { return this.value; }"],
  ["counts its arguments", "function count() { return arguments.length; }"],
  ["is made with new", "function Made() { if (!new.target) throw 1; }"],
  ["gives one value after the other", "function* all() { yield 1; }"],
  ["is called before its line", "const two = twice(1);\nfunction twice(x) { return 2 * x; }"],
  [
    "is called before its line by one that is",
    "const two = twice(1);\nfunction twice(x) { return times(2, x); }\nfunction times(a, b) { return a * b; }",
  ],
])("a function that %s stays", (_, module) => {
  expect(arrowsOf(module)).toBe(module);
});

test("a function that others only mention before its line becomes a constant", () => {
  const module = "const four = (x) => twice(twice(x));\nfunction twice(x) { return 2 * x; }";
  expect(arrowsOf(module)).toBe(
    "const four = (x) => twice(twice(x));\nconst twice = (x) => { return 2 * x; };",
  );
});
