/** The texts of shaders/functions. */
const files = Object.values(
  import.meta.glob<string>("../../../../shaders/functions/*.wgsl", {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);

/** Which file declares a function. */
const fileOf = new Map(
  files.flatMap((text) => [...text.matchAll(/^fn (\w+)\(/gm)].map((m) => [m[1], text] as const)),
);

/** What a shader calls, as far as its text tells. */
export const calledIn = (text: string): string[] =>
  [...text.matchAll(/\b(\w+)\(/g)].map(([, name]) => name);

/** The files that declare some functions, and what these call in turn. */
export function functionFiles(functions: readonly string[] | ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const add = (name: string) => {
    const file = fileOf.get(name);
    if (file === undefined || found.has(file)) return;
    found.add(file);
    calledIn(file).forEach(add);
  };
  functions.forEach(add);
  return [...found];
}
