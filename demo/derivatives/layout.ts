import type { EvaluationTrace } from "cotangent";

type Nodes = EvaluationTrace["nodes"];

export interface Placed {
  x: number;
  y: number;
}

/** Where the nodes of a graph are drawn, and how large it is. */
export interface Layout {
  width: number;
  height: number;
  places: readonly Placed[];
  /** From node to node, by their numbers. */
  edges: readonly (readonly [from: number, to: number])[];
}

/** The size of a node. */
export const [nodeWidth, nodeHeight] = [124, 62];

/** The numbers of the nodes that an expression names. */
export const argumentsOf = (expression: string): number[] => [
  ...new Set([...expression.matchAll(/\bx(\d+)\b/g)].map(([, digits]) => Number(digits) - 1)),
];

/** Inputs at the left, f at the right; or, where there is more room downwards, above and below. */
export async function layoutOf(nodes: Nodes, isTall: boolean): Promise<Layout> {
  const { graphlib, layout } = await import("@dagrejs/dagre");
  const graph = new graphlib.Graph();
  graph.setGraph({
    rankdir: isTall ? "TB" : "LR",
    nodesep: 14,
    ranksep: 34,
    marginx: 4,
    marginy: 4,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  nodes.forEach((_, i) => graph.setNode(String(i), { width: nodeWidth, height: nodeHeight }));
  const edges = nodes.flatMap(({ expression }, to) =>
    argumentsOf(expression).map((from) => [from, to] as const),
  );
  for (const [from, to] of edges) graph.setEdge(String(from), String(to));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const places = nodes.map((_, i) => {
    const { x, y } = graph.node(String(i));
    return { x, y };
  });
  return { width, height, places, edges };
}
