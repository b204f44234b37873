import { Application, Converter, type Context, type SignatureReflection } from "typedoc";
import type ts from "typescript";
import { readExamples } from "./examples.ts";
import type { Reference, Thing } from "./model.ts";
import { Reader } from "./reader.ts";

/** What a program imports each entry point by. */
const entryPoints = {
  "src/index.ts": "cotangent",
  "src/io/index.ts": "cotangent/io",
  "src/check/self-test.ts": "cotangent/check",
};

/** Reads the public API of a checkout: what it exports, with types and docstrings, and the programs of its tests. */
export async function readApi(root: string): Promise<Reference> {
  const app = await Application.bootstrap({
    entryPoints: Object.keys(entryPoints).map((file) => `${root}/${file}`),
    tsconfig: `${root}/tsconfig.build.json`,
    alwaysCreateEntryPointModule: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    // The type checker has its own command.
    skipErrorChecking: true,
    disableGit: true,
    disableSources: true,
    logLevel: "Error",
    plugin: [],
  });
  const declarations = new Map<SignatureReflection, ts.Node>();
  let things: Thing[] | undefined;
  app.converter.on(
    Converter.EVENT_CREATE_SIGNATURE,
    (_: Context, signature: SignatureReflection, declaration?: ts.Node) => {
      if (declaration) declarations.set(signature, declaration);
    },
  );
  app.converter.on(Converter.EVENT_RESOLVE_END, (context: Context) => {
    things = new Reader(root, context, declarations).read(entryPoints);
  });
  await app.convert();
  if (!things) throw new Error("typedoc made nothing of the entry points");
  return { things, examples: await readExamples(`${root}/tests/api`) };
}
