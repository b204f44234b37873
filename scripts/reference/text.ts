import {
  makeRecursiveVisitor,
  ReflectionKind,
  type DeclarationReflection,
  type SignatureReflection,
  type SomeType,
} from "typedoc";

/** A call as a user reads it: names, types and defaults. */
export function callText(call: SignatureReflection, name: string): string {
  const types = (call.typeParameters ?? []).map(
    (each) => each.name + (each.type ? ` extends ${each.type.toString()}` : ""),
  );
  const parameters = (call.parameters ?? []).map((each) => {
    const { defaultValue } = each;
    const isShown = defaultValue !== undefined && !/^(\{\}|\.\.\.)$/.test(defaultValue);
    const isOptional = each.flags.isOptional || (defaultValue !== undefined && !isShown);
    const rest = each.flags.isRest ? "..." : "";
    const value = isShown ? ` = ${defaultValue}` : "";
    return `${rest}${each.name}${isOptional ? "?" : ""}: ${each.type?.toString()}${value}`;
  });
  const generic = types.length > 0 ? `<${types.join(", ")}>` : "";
  const isMade = call.kindOf(ReflectionKind.ConstructorSignature);
  return `${name}${generic}(${parameters.join(", ")})${isMade ? "" : `: ${call.type?.toString()}`}`;
}

export function declarationText(node: DeclarationReflection, name: string): string {
  const types = (node.typeParameters ?? []).map((each) => each.name);
  const generic = types.length > 0 ? `<${types.join(", ")}>` : "";
  return node.kindOf(ReflectionKind.TypeAlias)
    ? `type ${name}${generic} = ${node.type?.toString()}`
    : `${name}: ${node.type?.toString()}`;
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
