import type { EvaluationTrace } from "cotangent";

type Nodes = EvaluationTrace["nodes"];

export interface Placed {
  x: number;
  y: number;
}

/** From node to node, by their numbers, and the way around all others. */
export interface Edge {
  from: number;
  to: number;
  way: readonly Placed[];
}

/** Where the nodes of a graph are drawn, and how large it is. */
export interface Layout {
  width: number;
  height: number;
  places: readonly Placed[];
  edges: readonly Edge[];
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
  const along = isTall ? { x: 0, y: nodeHeight / 2 } : { x: nodeWidth / 2, y: 0 };
  const tip = 4;
  const ways = edges.map(([from, to]) => {
    const [start, end] = [places[from], places[to]];
    const points: readonly Placed[] = graph.edge(String(from), String(to)).points;
    // Every second one lies beside nodes that it passes.
    const between = points.slice(1, -1).filter((_, i) => i % 2 === 1);
    const way = [
      { x: start.x + along.x, y: start.y + along.y },
      ...between.map(({ x, y }) => ({ x, y })),
      { x: end.x - along.x - (isTall ? 0 : tip), y: end.y - along.y - (isTall ? tip : 0) },
    ];
    return { from, to, way };
  });
  return { width, height, places, edges: ways };
}
