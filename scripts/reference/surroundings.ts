import ts from "typescript";

/** What of its file a program needs to run by itself. */
export interface Surroundings {
  /** What it imports, by where from: "cotangent". */
  imports: Record<string, string[]>;
  /** What stands before it. */
  before: string[];
  /** Whether that is all: a program that needs tools of the tests runs nowhere else. */
  isWhole: boolean;
}

/** What a test is given, too, wherever it runs. */
const given = new Set(["expect", "backend"]);

/** A name that is used, with what declares it: a statement, or something within one. */
interface Use {
  name: string;
  declaration: ts.Node;
}

/** Follows the names in the body of a test to what declares them, and from there to what that needs. */
export function surroundingsOf(body: ts.Node): Surroundings {
  const imports: Record<string, string[]> = {};
  const statements = new Set<ts.Statement>();
  let isWhole = true;
  const follow = (node: ts.Node): void => {
    for (const { name, declaration } of usesIn(node)) {
      if (isInside(declaration, body) || given.has(name)) continue;
      if (ts.isImportDeclaration(declaration)) {
        const from = (declaration.moduleSpecifier as ts.StringLiteral).text;
        const names = (imports[from] ??= []);
        const text = importedAs(declaration, name);
        if (!names.includes(text)) names.push(text);
        isWhole &&= from.split("/")[0] === "cotangent";
      } else if (isConstant(declaration)) {
        if (statements.has(declaration)) continue;
        statements.add(declaration);
        follow(declaration);
      } else if (!isInside(declaration, [...statements])) isWhole = false;
    }
  };
  follow(body);
  const before = [...statements].sort((a, b) => a.pos - b.pos).map(dedented);
  return { imports, before, isWhole: isWhole && Object.keys(imports).length > 0 };
}

const isInside = (node: ts.Node, outer: ts.Node | readonly ts.Node[]): boolean =>
  [outer].flat().some(({ pos, end }) => node.pos >= pos && node.end <= end);

/** Whether a statement gives names to what stays as it is. */
const isConstant = (node: ts.Node): node is ts.Statement =>
  ts.isVariableStatement(node)
    ? Boolean(node.declarationList.flags & ts.NodeFlags.Const)
    : ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node);

/** The part of an import that a name stands in: "nn", "type Tensor", "* as cotangent". */
function importedAs({ importClause }: ts.ImportDeclaration, name: string): string {
  const bindings = importClause?.namedBindings;
  const elements: readonly ts.Node[] =
    bindings && ts.isNamedImports(bindings)
      ? bindings.elements.filter((each) => each.name.text === name)
      : bindings
        ? [bindings]
        : [];
  return elements[0]?.getText() ?? name;
}

/** All names of a node that something in its file declares. */
function usesIn(node: ts.Node): Use[] {
  const found: Use[] = [];
  const visit = (each: ts.Node): void => {
    if (ts.isIdentifier(each) && !isKey(each)) {
      const declaration = declarationOf(each);
      if (declaration) found.push({ name: each.text, declaration });
    }
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

/** Whether a name is one of a property, which no scope declares. */
function isKey(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  const isMember =
    ts.isPropertyAccessExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isPropertySignature(parent);
  return isMember && parent.name === node;
}

/** What declares a name, in the innermost scope around it. */
function declarationOf(node: ts.Identifier): ts.Node | undefined {
  for (let scope: ts.Node = node.parent; scope; scope = scope.parent) {
    const declared = declaredIn(scope).find((each) => namesOf(each).includes(node.text));
    if (declared) return declared;
  }
  return undefined;
}

function declaredIn(scope: ts.Node): readonly ts.Node[] {
  if (ts.isSourceFile(scope) || ts.isBlock(scope)) return scope.statements;
  if (ts.isFunctionLike(scope)) return [...scope.parameters, ...(scope.typeParameters ?? [])];
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope))
    return scope.initializer ? [scope.initializer] : [];
  if (ts.isCatchClause(scope)) return scope.variableDeclaration ? [scope.variableDeclaration] : [];
  return [];
}

/** The names that a declaration gives. */
function namesOf(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node)) {
    const { name, namedBindings } = node.importClause ?? {};
    const bound = !namedBindings
      ? []
      : ts.isNamedImports(namedBindings)
        ? namedBindings.elements.map((each) => each.name.text)
        : [namedBindings.name.text];
    return [...bound, ...(name ? [name.text] : [])];
  }
  if (ts.isVariableStatement(node)) return namesOf(node.declarationList);
  if (ts.isVariableDeclarationList(node)) return node.declarations.flatMap(namesOf);
  if (ts.isIdentifier(node)) return [node.text];
  if (ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node))
    return node.elements.flatMap(namesOf);
  const { name } = node as ts.NamedDeclaration;
  return name ? namesOf(name) : [];
}

function dedented(statement: ts.Statement): string {
  const { character } = statement
    .getSourceFile()
    .getLineAndCharacterOfPosition(statement.getStart());
  return statement
    .getText()
    .split("\n")
    .map((line, i) => (i === 0 ? line : line.slice(character)))
    .join("\n");
}
