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

/** The files that declare what a shader calls, and what these call in turn. */
export function functionFiles(shader: string): string[] {
  const found = new Set<string>();
  const search = (text: string) => {
    for (const [, name] of text.matchAll(/\b(\w+)\(/g)) {
      const file = fileOf.get(name);
      if (file === undefined || found.has(file)) continue;
      found.add(file);
      search(file);
    }
  };
  search(shader);
  return [...found];
}
