import {
  makeRecursiveVisitor,
  ReflectionKind,
  ReflectionType,
  type DeclarationReflection,
  type SignatureReflection,
  type SomeType,
} from "typedoc";
import ts from "typescript";

/**
 * A type as its author wrote it, on one line: typedoc leaves out the dots of rest parameters, the parentheses around
 * functions, and what the keys of a type are those of. What is asked of another type, as in Op["kind"], is written as what
 * that comes to, and so is what is not written at all.
 */
export function typeText(written: ts.TypeNode | undefined, read: SomeType | undefined): string {
  if (written && !ts.isIndexedAccessTypeNode(written) && !isKeys(written)) {
    return written.getText().replace(/\s+/g, " ").replace(/^\| /, "");
  }
  const [call] = (read instanceof ReflectionType && read.declaration.signatures) || [];
  return call ? `(${parametersText(call)}) => ${call.type}` : String(read);
}

const isKeys = (node: ts.TypeNode) =>
  ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.KeyOfKeyword;

/** A call as a user reads it: names, types and defaults; the types as they are `written` where it is declared. */
export function callText(
  call: SignatureReflection,
  name: string,
  written?: ts.SignatureDeclarationBase,
): string {
  const types = (call.typeParameters ?? []).map(
    (each) => each.name + (each.type ? ` extends ${each.type.toString()}` : ""),
  );
  const generic = types.length > 0 ? `<${types.join(", ")}>` : "";
  const isMade = call.kindOf(ReflectionKind.ConstructorSignature);
  const result = isMade ? "" : `: ${typeText(written?.type, call.type)}`;
  return `${name}${generic}(${parametersText(call, written)})${result}`;
}

function parametersText(call: SignatureReflection, written?: ts.SignatureDeclarationBase): string {
  const parameters = (call.parameters ?? []).map((each, i) => {
    const { defaultValue } = each;
    const isShown = defaultValue !== undefined && !/^(\{\}|\.\.\.)$/.test(defaultValue);
    const isOptional = each.flags.isOptional || (defaultValue !== undefined && !isShown);
    const rest = each.flags.isRest ? "..." : "";
    const value = isShown ? ` = ${defaultValue}` : "";
    return `${rest}${each.name}${isOptional ? "?" : ""}: ${typeText(written?.parameters[i].type, each.type)}${value}`;
  });
  return parameters.join(", ");
}

export function declarationText(
  node: DeclarationReflection,
  name: string,
  written?: ts.TypeNode,
): string {
  const types = (node.typeParameters ?? []).map((each) => each.name);
  const generic = types.length > 0 ? `<${types.join(", ")}>` : "";
  return node.kindOf(ReflectionKind.TypeAlias)
    ? `type ${name}${generic} = ${typeText(written, node.type)}`
    : `${name}: ${typeText(written, node.type)}`;
}

/** The types of the library that a type names and that nobody can import. */
export function hiddenIn(type: SomeType | undefined): string[] {
  const found: string[] = [];
  const visitor = makeRecursiveVisitor({
    reference(each) {
      const isNamed = !each.refersToTypeParameter && !each.isIntentionallyBroken();
      if (each.package === "cotangent" && isNamed && !each.reflection) found.push(each.name);
    },
  });
  type?.visit(visitor);
  return found;
}
