import { join } from "node:path";
import type { Plugin } from "vite";
import { childrenOf, edited, type Edit, type Node, type Program } from "./syntax.ts";

// A function that is declared is the same as a constant that holds an arrow function, as long as nobody asks for its
// `this` and nobody calls it before its line, be it by way of others. Minifiers leave declarations as they are, though they
// join constants: without them a program that trains has 1 % less to load.

interface Declaration extends Node {
  id: Node & { name: string };
  body: Node;
  async: boolean;
  generator: boolean;
}

const FUNCTION = /^(Arrow)?Function/;

/** Whether a function's code asks for what arrow functions have none of. */
const asksForThis = (node: Node): boolean =>
  ["ThisExpression", "MetaProperty"].includes(node.type) ||
  (node.type === "Identifier" && node.name === "arguments") ||
  childrenOf(node).some(asksForThis);

const nameOf = ({ type, name }: Node) => (type === "Identifier" ? [name!] : []);

/** All names in a node. */
const namesIn = (node: Node): string[] => [...nameOf(node), ...childrenOf(node).flatMap(namesIn)];

/** The names in what runs of it as a module is loaded; what is declared is not named yet. */
const namesRun = (node: Node): string[] =>
  FUNCTION.test(node.type)
    ? []
    : [
        ...nameOf(node),
        ...childrenOf(node)
          .filter((child) => node.type !== "ClassDeclaration" || child !== (node as Declaration).id)
          .flatMap(namesRun),
      ];

/** What a statement declares, if it is exported, too. */
const declarationIn = (statement: Node) =>
  (statement as { declaration?: Node | null }).declaration ?? statement;

/** What could be called, by its name. */
const callablesIn = ({ body }: Program): Map<string, Node> =>
  new Map(
    body
      .map(declarationIn)
      .filter(({ type }) => /^(Function|Class)Declaration$/.test(type))
      .map((node) => [(node as Declaration).id.name, node]),
  );

/** A module whose functions are constants; lines stay where they are, for source maps. */
export function withArrows(code: string, program: Program): string {
  const callables = callablesIn(program);
  const earlier = new Set<string>();
  const note = (names: readonly string[]) => {
    for (const name of names.filter((own) => !earlier.has(own))) {
      earlier.add(name);
      const callable = callables.get(name);
      if (callable) note(namesIn(callable));
    }
  };
  const edits = program.body.flatMap((statement): Edit[] => {
    const made = declarationIn(statement) as Declaration;
    const { type, id, body, start, end, async, generator } = made;
    const isConstant =
      type === "FunctionDeclaration" && !generator && !earlier.has(id.name) && !asksForThis(made);
    note(namesRun(statement));
    if (!isConstant) return [];
    return [
      { start, end: id.end, text: `const ${id.name} = ${async ? "async " : ""}` },
      { start: body.start, end: body.start, text: "=> " },
      { start: end, end, text: ";" },
    ];
  });
  return edited(code, edits);
}

/** Makes constants of the functions that modules declare. */
export const arrows = (): Plugin => ({
  name: "arrows",
  apply: "build",
  transform: {
    filter: { id: join(import.meta.dirname, "../src/**/*.ts") },
    handler(code) {
      return { code: withArrows(code, this.parse(code)), map: null };
    },
  },
});
