/** What is read of the nodes of a syntax tree. */
export interface Node {
  type: string;
  start: number;
  end: number;
  name?: string;
  properties?: Node[];
  key?: { name?: string };
  source?: unknown;
}

export interface Program extends Node {
  body: Node[];
}

/** The nodes right below one. */
export const childrenOf = (node: Node): Node[] =>
  Object.values(node)
    .flat()
    .filter((part: Node | null): part is Node => typeof part?.type === "string");

/** A text that takes the place of what stands there. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

export const edited = (code: string, edits: readonly Edit[]): string =>
  edits
    .toSorted((a, b) => b.start - a.start || b.end - a.end)
    .reduce(
      (text, { start, end, text: own }) => text.slice(0, start) + own + text.slice(end),
      code,
    );
