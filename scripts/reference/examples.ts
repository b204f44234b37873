import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import type { Example } from "./model.ts";
import { surroundingsOf } from "./surroundings.ts";

/** More lines than this are no example any more. */
const longest = 45;

/** The programs in a folder of tests: each test with the names of the API that it uses. */
export async function readExamples(folder: string): Promise<Example[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".test.ts")).sort();
  const found = await Promise.all(
    files.map(async (file) => examplesIn(file, await readFile(join(folder, file), "utf8"))),
  );
  return found.flat();
}

function examplesIn(file: string, text: string): Example[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imported = new Set<string>();
  const found: (Pick<Example, "title" | "code" | "uses"> & { node: ts.Node })[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportSpecifier(node) && isOfLibrary(node)) imported.add(node.name.text);
    const body = bodyOfTest(node);
    if (body) {
      const title = [...titlesAround(node), body.title].join(": ");
      found.push({ ...body, title, uses: [...namesIn(body.node, imported)] });
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  // The rows of test.each, which a "%" stands for, are not in the program.
  return found
    .filter(({ title, code }) => !title.includes("%") && code.split("\n").length <= longest)
    .map(({ title, code, uses, node }) => {
      const { imports, before, isWhole } = surroundingsOf(node);
      const around = isWhole && before.length > 0 ? `${before.join("\n")}\n\n` : "";
      return { file, title, uses, isWhole, imports, code: around + code };
    });
}

const isOfLibrary = (node: ts.ImportSpecifier): boolean => {
  const { moduleSpecifier } = node.parent.parent.parent;
  return ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text.startsWith("cotangent");
};

/** What the groups of tests that one stands in are called, without the backend that each runs on. */
function titlesAround(node: ts.Node): string[] {
  const outer = ts.findAncestor(
    node.parent,
    (each) => ts.isCallExpression(each) && /^describe\b/.test(each.expression.getText()),
  );
  if (!outer) return [];
  const [title] = (outer as ts.CallExpression).arguments;
  const words = ts.isStringLiteralLike(title) ? title.text.replace(/(\b on|,)? ?%s$/, "") : "";
  return [...titlesAround(outer), ...(words ? [words] : [])];
}

/** The body of `test("title", () => { … })`. */
function bodyOfTest(node: ts.Node): { title: string; code: string; node: ts.Node } | undefined {
  if (!ts.isCallExpression(node) || !/^test\b/.test(node.expression.getText())) return undefined;
  const [title, run] = node.arguments;
  if (!ts.isStringLiteralLike(title) || !ts.isArrowFunction(run) || !ts.isBlock(run.body))
    return undefined;
  const text = run.body.getFullText().trim().slice(1, -1);
  const lines = text.replace(/^\n+|\s+$/g, "").split("\n");
  const indent = Math.min(...lines.filter(Boolean).map((line) => /^ */.exec(line)![0].length));
  return {
    title: title.text,
    code: lines.map((line) => line.slice(indent)).join("\n"),
    node: run.body,
  };
}

/** Imported names as they are used: "compile", "nn.linear", and methods as ".softmax". */
function namesIn(node: ts.Node, imported: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const text = node.getText();
      if (/^[\w.]+$/.test(text) && imported.has(text.split(".")[0])) found.add(text);
      found.add(`.${node.name.text}`);
    } else if (ts.isIdentifier(node) && imported.has(node.text)) {
      found.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(node);
  return found;
}
