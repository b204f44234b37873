/** TypeScript texts by their paths. */
export type Sources = Record<string, string>;

/** A file that another one imports from. */
export interface Link {
  /** Its path, or the name of a package. */
  target: string;
  /** Imported or re-exported names, without their aliases; "*" stands for all. */
  names: string[];
  /** False for types, which are erased, and for `import()`, which waits: neither makes a cycle. */
  atLoad: boolean;
}

const resolve = (from: string, target: string) =>
  target.startsWith(".") ? new URL(target, `file:///${from}`).pathname.slice(1) : target;

const split = (list: string) =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

const clause = String.raw`(type )?(?:\{([^}]*)\}|(\*)(?: as \w+)?|\w+) from `;
const statement = new RegExp(`^(?:import|export) (?:${clause})?"([^"]+)"`, "gm");

/** The imports and re-exports of a file. */
export function linksOf(path: string, source: string): Link[] {
  const links = Array.from(source.matchAll(statement), ([, type, list = "", all, target]): Link => {
    const names = all ? [all] : split(list);
    const erased = names.length > 0 && names.every((name) => name.startsWith("type "));
    return {
      target: resolve(path, target),
      names: names.map((name) => name.replace(/^type | as .*/g, "")),
      atLoad: !type && !erased,
    };
  });
  for (const [, target] of source.matchAll(/\bimport\("(\.[^"]+)"\)/g))
    links.push({ target: resolve(path, target), names: ["*"], atLoad: false });
  return links;
}

/** The names that a file exports, those of `export *` among them. */
export function exportsOf(path: string, sources: Sources): string[] {
  const source = sources[path] ?? "";
  const declared = source.matchAll(
    /^export (?:abstract |async )*(?:function\*?|const|let|class|interface|type) (\w+)/gm,
  );
  const listed = source.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  const starred = source.matchAll(/^export (?:type )?\* (?:as \w+ )?from "([^"]+)"/gm);
  return [
    ...Array.from(declared, ([, name]) => name),
    ...Array.from(listed, ([, list]) =>
      split(list).map((name) => name.replace(/^type |.* as /g, "")),
    ).flat(),
    ...Array.from(starred, ([, target]) => exportsOf(resolve(path, target), sources)).flat(),
  ];
}

/** Circles of imports that run when a file is loaded, each as the path that closes it. */
export function cyclesIn(sources: Sources): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]) => {
    if (done.has(path)) return;
    const from = trail.indexOf(path);
    if (from >= 0) {
      found.push([...trail.slice(from), path].join(" → "));
      return;
    }
    for (const { target, atLoad } of linksOf(path, sources[path] ?? ""))
      if (atLoad) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of Object.keys(sources)) visit(path, []);
  return found;
}
