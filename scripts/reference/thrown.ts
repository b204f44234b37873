import ts from "typescript";

/** Folders whose errors any call can meet, and which the page names once for all. */
const shared =
  /\/src\/(graph|plan|backends|inspect)\/|\/src\/check\/cases\.ts$|\/src\/base\/(options|describe-value|tree)\.ts$/;

/** What any call can throw, which the page says once for all; a plain Error is a fault of the library's own. */
const general = new Set([
  "ArgumentError",
  "TraceError",
  "DisposedError",
  "DeviceError",
  "DeviceLostError",
  "OutOfMemoryError",
  "Error",
]);

/** Whether a docstring lists what is thrown: then it is taken at its word. */
const isListed = (node: ts.Node) =>
  ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "throws");

/**
 * Finds the classes of errors that code throws: its own, and those of the functions of the library that it uses, up to
 * functions that say so themselves.
 */
export class ThrownErrors {
  readonly #checker: ts.TypeChecker;
  /** What has a docstring of its own that says so. */
  readonly #isPublic: (symbol: ts.Symbol) => boolean;
  readonly #ofSymbol = new Map<ts.Symbol, ReadonlySet<string>>();

  constructor(checker: ts.TypeChecker, isPublic: (symbol: ts.Symbol) => boolean) {
    this.#checker = checker;
    this.#isPublic = isPublic;
  }

  /**
   * Of what a user's function is declared by. `made` is the function inside of the one that made it, if that has words
   * for its whole family.
   */
  of(declarations: readonly ts.Node[], made?: ts.Node): string[] {
    const found = new Set<string>();
    const family = made && isListed(made) ? enclosing(made) : undefined;
    const known = family ? this.#checker.getSymbolAtLocation(family) : undefined;
    if (known) this.#ofSymbol.set(known, new Set());
    for (const node of declarations) if (node !== made || !family) this.#collect(node, found);
    return [...found].filter((error) => !general.has(error)).sort();
  }

  #collect(node: ts.Node, found: Set<string>): void {
    if (ts.isTypeNode(node)) return;
    if (ts.isThrowStatement(node) && ts.isNewExpression(node.expression)) {
      found.add(node.expression.expression.getText());
    } else if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      for (const error of this.#throughSymbol(node)) found.add(error);
    }
    ts.forEachChild(node, (child) => this.#collect(child, found));
  }

  #throughSymbol(node: ts.Node): ReadonlySet<string> {
    const named = this.#checker.getSymbolAtLocation(node);
    if (!named) return new Set();
    const symbol =
      named.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(named) : named;
    const known = this.#ofSymbol.get(symbol);
    if (known) return known;
    const found = new Set<string>();
    this.#ofSymbol.set(symbol, found);
    if (this.#isPublic(symbol) || symbol.declarations?.some(isListed)) return found;
    for (const declaration of symbol.declarations ?? []) {
      const { fileName } = declaration.getSourceFile();
      if (!fileName.includes("/src/") || shared.test(fileName)) continue;
      if (
        ts.isFunctionDeclaration(declaration) ||
        ts.isVariableDeclaration(declaration) ||
        ts.isMethodDeclaration(declaration)
      ) {
        this.#collect(declaration, found);
      }
    }
    return found;
  }
}

/** The name of the function that a node is written in. */
function enclosing(node: ts.Node): ts.Identifier | undefined {
  const isNamed = (each: ts.Node) =>
    ts.isFunctionDeclaration(each) || ts.isVariableDeclaration(each);
  const outer = ts.findAncestor(node.parent, isNamed) as ts.NamedDeclaration | undefined;
  return outer?.name && ts.isIdentifier(outer.name) ? outer.name : undefined;
}
