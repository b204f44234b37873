import ts from "typescript";
import type { Thrown } from "./model.ts";

/** What docstrings say of a call, by its tags. */
export interface CallDocs {
  parameters: ReadonlyMap<string, string>;
  returns: string;
  throws: readonly Thrown[];
}

const textOf = (comment: ts.JSDocTag["comment"]) =>
  (ts.getTextOfJSDocComment(comment) ?? "").replace(/^-\s*/, "").trim();

/**
 * The tags of some declarations, the first of which has the first word: what an op says of a parameter goes before what
 * its whole family says.
 */
export function callDocs(declarations: readonly ts.Node[]): CallDocs {
  const parameters = new Map<string, string>();
  const throws = new Map<string, string>();
  let returns = "";
  for (const tag of declarations.flatMap((node) => ts.getJSDocTags(node))) {
    if (ts.isJSDocParameterTag(tag)) {
      const name = tag.name.getText();
      if (!parameters.has(name)) parameters.set(name, textOf(tag.comment));
    } else if (ts.isJSDocReturnTag(tag)) {
      returns ||= textOf(tag.comment);
    } else if (tag.tagName.text === "throws") {
      const [, error, doc] = /^(\S*)\s*([^]*)$/.exec(textOf(tag.comment)) ?? [];
      if (!throws.has(error)) throws.set(error, doc);
    }
  }
  return { parameters, returns, throws: [...throws].map(([error, doc]) => ({ error, doc })) };
}

/** A docstring without its tags. */
export const summaryOf = (symbol: ts.Symbol | undefined, checker: ts.TypeChecker): string =>
  symbol ? ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() : "";
