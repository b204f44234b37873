import { relative } from "node:path";
import {
  IntersectionType,
  ReflectionKind,
  ReflectionType,
  TupleType,
  type Context,
  type DeclarationReflection,
  type NamedTupleMember,
  type ParameterReflection,
  type SignatureReflection,
} from "typedoc";
import ts from "typescript";
import { callDocs, summaryOf } from "./docs.ts";
import type { Member, Signature, Thing } from "./model.ts";
import { callText, declarationText, hiddenIn, typeText } from "./text.ts";
import { ThrownErrors } from "./thrown.ts";

interface Export {
  node: DeclarationReflection;
  name: string;
  from: string;
}

/** Reads things from what typedoc and the compiler know. */
export class Reader {
  readonly #root: string;
  readonly #context: Context;
  readonly #checker: ts.TypeChecker;
  readonly #declarations: ReadonlyMap<SignatureReflection, ts.Node>;
  #errors!: ThrownErrors;

  constructor(
    root: string,
    context: Context,
    declarations: ReadonlyMap<SignatureReflection, ts.Node>,
  ) {
    this.#root = root;
    this.#context = context;
    this.#checker = context.programs[0].getTypeChecker();
    this.#declarations = declarations;
  }

  read(entryPoints: Readonly<Record<string, string>>): Thing[] {
    const found = [...this.#exports(entryPoints)];
    const symbols = new Set(found.map(({ node }) => this.#symbolOf(node)));
    this.#errors = new ThrownErrors(this.#checker, (symbol) => symbols.has(symbol));
    const tensor = found.find(({ name }) => name === "Tensor")?.node;
    const methods = new Set(tensor?.children?.map(({ name }) => name));
    const things = found.map(({ node, name, from }) => {
      const thing = this.#thing(node, name, from);
      return { ...thing, isMethod: thing.kind === "function" && methods.has(name) };
    });
    // What the functions say is not said twice.
    const said = new Set(things.filter(({ isMethod }) => isMethod).map(({ name }) => name));
    for (const thing of things.filter(({ name }) => /^(Tensor|Variable)$/.test(name)))
      thing.members = thing.members.filter(({ name }) => !said.has(name));
    return things;
  }

  /** All names that can be imported, and those in namespaces. */
  *#exports(entryPoints: Readonly<Record<string, string>>): Generator<Export> {
    for (const [file, from] of Object.entries(entryPoints)) {
      const name = file.replace(/^src\/|(\/index)?\.ts$/g, "");
      const entry = this.#context.project.children?.find((child) => child.name === name);
      if (!entry) throw new Error(`typedoc has no entry point ${name}`);
      yield* exportsIn(entry, "", from);
    }
  }

  #symbolOf(node: DeclarationReflection | SignatureReflection): ts.Symbol | undefined {
    return this.#context.getSymbolFromReflection(node);
  }

  #thing(node: DeclarationReflection, name: string, from: string): Omit<Thing, "isMethod"> {
    const symbol = this.#symbolOf(node);
    const file = symbol?.declarations?.[0].getSourceFile().fileName ?? "";
    const short = name.slice(name.lastIndexOf(".") + 1);
    const kind = kindOf(node);
    const hasMembers = kind === "class" || kind === "interface";
    const members = hasMembers ? (node.children ?? []) : [];
    const made = members.find((member) => member.kindOf(ReflectionKind.Constructor));
    const isOwn = made?.signatures?.some((call) => this.#declarations.has(call));
    const calls = kind === "type" ? [] : callsOf(node);
    const isQuery = kind === "type" && node.type?.type === "typeOperator";
    return {
      name,
      from,
      kind,
      file: relative(this.#root, file),
      summary: summaryOf(symbol, this.#checker),
      signatures: [
        ...(made && isOwn && !made.inheritedFrom
          ? (made.signatures ?? []).map((call) => this.#signature(call, `new ${short}`, made))
          : []),
        ...calls.map((call) => this.#signature(call, short, node)),
      ],
      members: members
        .filter((member) => member !== made && !member.inheritedFrom && !isOfJavaScript(member))
        .map((member) => this.#member(member)),
      hidden: kind === "constant" || (kind === "type" && !isQuery) ? hiddenIn(node.type) : [],
      text:
        isQuery && symbol
          ? `type ${short} = ${this.#spelled(symbol)}`
          : kind === "type" || kind === "constant"
            ? declarationText(node, short, writtenType(symbol))
            : "",
      bases: [...(node.extendedTypes ?? []), ...(node.implementedTypes ?? [])].map(String),
    };
  }

  /** A type as what it comes to: "a" | "b" for the keys of a record. */
  #spelled(symbol: ts.Symbol): string {
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
    const flags = ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.NoTruncation;
    return this.#checker.typeToString(type, undefined, flags);
  }

  #member(node: DeclarationReflection): Member {
    const calls = node.kindOf(ReflectionKind.Method) ? (node.signatures ?? []) : [];
    const type = node.type ?? node.getSignature?.type;
    const symbol = this.#symbolOf(node);
    const isOptional = node.flags.isOptional ? "?" : "";
    return {
      name: node.name,
      text: `${node.name}${isOptional}: ${typeText(writtenType(symbol), type)}`,
      summary: summaryOf(symbol, this.#checker),
      hidden: hiddenIn(type),
      signatures: calls.map((call) => this.#signature(call, node.name, node)),
    };
  }

  #signature(call: SignatureReflection, name: string, owner: DeclarationReflection): Signature {
    const made = this.#declarations.get(call);
    const declared = this.#symbolOf(owner)?.declarations ?? [];
    const isOverloaded = (owner.signatures?.length ?? 0) > 1;
    // What declares the user's function goes before what makes all functions of its family; of several declarations the
    // one that is meant, and then the first.
    const nodes = new Set(
      isOverloaded && made ? [made, ...declared] : [...declared, ...(made ? [made] : [])],
    );
    const docs = callDocs([...nodes, ...this.#overridden(declared)]);
    // A family's types stand for others in each of its members.
    const isOwn = ts.findAncestor(made, (node) => declared.includes(node as ts.Declaration));
    const isMade = call.kindOf(ReflectionKind.ConstructorSignature);
    const type = isMade ? "" : (call.type?.toString() ?? "void");
    return {
      text:
        made && !isOwn
          ? name + this.#instantiated(owner)
          : callText(call, name, made as ts.SignatureDeclaration | undefined),
      parameters: (call.parameters ?? []).flatMap((parameter) =>
        namesOf(parameter).map((name) => ({
          name,
          doc: docs.parameters.get(parameter.name) ?? "",
        })),
      ),
      hidden: [call.type, ...(call.parameters ?? []).map((each) => each.type)].flatMap(hiddenIn),
      returns: /^(|void|Promise<void>|asserts .*)$/.test(type) ? null : { type, doc: docs.returns },
      throws: [...docs.throws],
      thrown: this.#errors.of([...nodes], made),
    };
  }

  /** The call of a member of a family, whose types stand for others than in the declaration. */
  #instantiated(owner: DeclarationReflection): string {
    const type = this.#checker.getTypeOfSymbol(this.#symbolOf(owner)!);
    const [call] = this.#checker.getSignaturesOfType(type, ts.SignatureKind.Call);
    const text = this.#checker.signatureToString(call, undefined, ts.TypeFormatFlags.NoTruncation);
    return text.replace(/(\?: [^,()]+) \| undefined(?=[,)])/g, "$1");
  }

  /** The declarations of what a method overrides or implements. */
  #overridden(declarations: readonly ts.Declaration[]): ts.Node[] {
    return declarations.flatMap((declaration) => {
      if (!ts.isClassElement(declaration) || !ts.isClassLike(declaration.parent)) return [];
      const name = declaration.name?.getText();
      const clauses = declaration.parent.heritageClauses ?? [];
      return clauses
        .flatMap(({ types }) => types)
        .flatMap((type) => {
          const base = this.#checker.getTypeAtLocation(type);
          return name ? (base.getProperty(name)?.declarations ?? []) : [];
        });
    });
  }
}

function* exportsIn(
  parent: { children?: DeclarationReflection[] },
  prefix: string,
  from: string,
): Generator<Export> {
  for (const node of parent.children ?? []) {
    const name = prefix + node.name;
    if (node.kindOf(ReflectionKind.Namespace)) yield* exportsIn(node, `${name}.`, from);
    else if (!node.kindOf(ReflectionKind.Reference)) yield { node, name, from };
  }
}

/** Whether a member stands for one of a class that is not the library's, as an error's name does. */
const isOfJavaScript = ({ overwrites }: DeclarationReflection): boolean =>
  overwrites !== undefined &&
  (!overwrites.reflection || isOfJavaScript(overwrites.reflection as DeclarationReflection));

/** What a parameter is called in its call: one for the rest is as many as are known of them. */
const namesOf = ({ name, type, flags }: ParameterReflection): string[] =>
  flags.isRest && type instanceof TupleType
    ? type.elements.map((each) => (each as NamedTupleMember).name)
    : [name];

/** The type that is written where something is declared. */
function writtenType(symbol: ts.Symbol | undefined): ts.TypeNode | undefined {
  const [declaration] = symbol?.declarations ?? [];
  return declaration && (declaration as ts.Declaration & { type?: ts.TypeNode }).type;
}

function kindOf(node: DeclarationReflection): Thing["kind"] {
  if (node.kindOf(ReflectionKind.Class)) return "class";
  if (node.kindOf(ReflectionKind.Interface)) return "interface";
  if (node.kindOf(ReflectionKind.TypeAlias)) return "type";
  return callsOf(node).length > 0 ? "function" : "constant";
}

/** The signatures of a function, and of a constant that can be called. */
function callsOf(node: DeclarationReflection): SignatureReflection[] {
  if (node.signatures) return node.signatures;
  const types = node.type instanceof IntersectionType ? node.type.types : [node.type];
  return types.flatMap((type) =>
    type instanceof ReflectionType ? (type.declaration.signatures ?? []) : [],
  );
}
