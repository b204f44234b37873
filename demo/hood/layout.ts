import dagre from "@dagrejs/dagre";
import type { InspectedNode } from "cotangent/check";
import { opWords } from "./words.ts";

/** A rectangle by its left upper corner. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

type Spot = readonly [x: number, y: number];

/** A line from one thing to another. */
export interface Wire {
  from: number;
  to: number;
  points: readonly Spot[];
}

/** One way of drawing the graph. */
export interface Drawing {
  width: number;
  height: number;
  /** Of each program. */
  boxes: readonly Box[];
  wires: readonly Wire[];
}

export interface Layout {
  /** Programs, with what flows between them. */
  folded: Drawing;
  /** Programs as large as the operations in them; wires run between operations. */
  open: Drawing;
  /** Where each operation is in the open drawing, by the number of the node. */
  nodes: readonly { node: number; box: Box }[];
}

const boxHeight = 34;
/** How far lines go beside the column of programs. */
const reach = 150;
const nodeHeight = 24;
/** Room around the operations of a program, and above them for its title. */
const padding = 12;
const titleHeight = 26;

/** How wide a text is about, in the font of the graph. */
const textWidth = (text: string, size: number) => 0.56 * size * text.length;

interface Sized {
  width: number;
  height: number;
}

/** Lays out a graph from top to bottom. */
function layered(
  sizes: readonly Sized[],
  edges: readonly (readonly [from: number, to: number])[],
  gaps: { ranksep: number; nodesep: number },
): Drawing {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "TB", ...gaps });
  graph.setDefaultEdgeLabel(() => ({}));
  sizes.forEach((size, i) => graph.setNode(String(i), { ...size }));
  for (const [from, to] of edges) graph.setEdge(String(from), String(to));
  if (sizes.length > 0) dagre.layout(graph);
  const boxes = sizes.map(({ width, height }, i) => {
    const { x, y } = graph.node(String(i)) as { x: number; y: number };
    return { x: x - width / 2, y: y - height / 2, width, height };
  });
  const wires = edges.map(([from, to]) => {
    const { points } = graph.edge(String(from), String(to)) as {
      points: { x: number; y: number }[];
    };
    return { from, to, points: points.map(({ x, y }): Spot => [x, y]) };
  });
  return {
    boxes,
    wires,
    width: Math.max(0, ...boxes.map((b) => b.x + b.width)),
    height: Math.max(0, ...boxes.map((b) => b.y + b.height)),
  };
}

/** The parts of a graph that are not connected with each other. */
function partsOf(count: number, edges: readonly (readonly [number, number])[]): number[][] {
  const root = Array.from({ length: count }, (_, i) => i);
  const rootOf = (i: number): number => (root[i] === i ? i : (root[i] = rootOf(root[i])));
  for (const [a, b] of edges) root[rootOf(a)] = rootOf(b);
  const parts = new Map<number, number[]>();
  root.forEach((_, i) => {
    const r = rootOf(i);
    parts.set(r, [...(parts.get(r) ?? []), i]);
  });
  return [...parts.values()];
}

/** Rectangles in rows, so that all together are about half as wide again as high. */
function inRows(
  sizes: readonly Sized[],
  gap: number,
): { spots: Spot[]; width: number; height: number } {
  const area = sizes.reduce((sum, s) => sum + (s.width + gap) * (s.height + gap), 0);
  const most = Math.max(Math.sqrt(1.5 * area), ...sizes.map((s) => s.width));
  let [x, y, row, width] = [0, 0, 0, 0];
  const spots = sizes.map((s): Spot => {
    if (x > 0 && x + s.width > most) [x, y, row] = [0, y + row + gap, 0];
    const spot: Spot = [x, y];
    x += s.width + gap;
    row = Math.max(row, s.height);
    width = Math.max(width, x - gap);
    return spot;
  });
  return { spots, width, height: y + row };
}

/** The operations of one program, and their places within it. */
function inside(own: readonly number[], nodes: readonly InspectedNode[]) {
  const at = new Map(own.map((node, i) => [nodes[node].id, i]));
  const edges = own.flatMap((node, to) =>
    [...new Set(nodes[node].inputs)].flatMap((id) => {
      const from = at.get(id);
      return from === undefined ? [] : [[from, to] as const];
    }),
  );
  const sizes = own.map((node) => ({
    width: Math.max(30, textWidth(opWords(nodes[node].op), 12) + 16),
    height: nodeHeight,
  }));
  const parts = partsOf(own.length, edges).map((part) => {
    const place = new Map(part.map((i, k) => [i, k]));
    const within = edges.flatMap(([a, b]) =>
      place.has(a) ? [[place.get(a)!, place.get(b)!] as const] : [],
    );
    return {
      part,
      drawing: layered(
        part.map((i) => sizes[i]),
        within,
        { ranksep: 14, nodesep: 8 },
      ),
    };
  });
  const { spots, width, height } = inRows(
    parts.map(({ drawing }) => drawing),
    16,
  );
  const boxes: Box[] = [];
  parts.forEach(({ part, drawing }, p) => {
    part.forEach((i, k) => {
      const box = drawing.boxes[k];
      boxes[i] = { ...box, x: box.x + spots[p][0], y: box.y + spots[p][1] };
    });
  });
  return { boxes, width, height };
}

const titleWidth = (i: number, title: string) =>
  Math.max(120, textWidth(`${i + 1}  ${title}`, 13) + 28);

/** Programs below each other; what one hands on to a later one goes around those in between. */
function inOneColumn(
  titles: readonly string[],
  edges: readonly (readonly [from: number, to: number])[],
): Drawing {
  const width = Math.max(0, ...titles.map((title, i) => titleWidth(i, title)));
  const boxes = titles.map((_, i) => ({ x: 0, y: i * (boxHeight + 14), width, height: boxHeight }));
  const farthest = Math.max(1, ...edges.map(([from, to]) => to - from));
  const wires = edges.map(([from, to]): Wire => {
    const [a, b] = [boxes[from], boxes[to]];
    if (to === from + 1)
      return {
        from,
        to,
        points: [
          [width / 2, a.y + boxHeight],
          [width / 2, b.y],
        ],
      };
    const out = width + reach * Math.sqrt((to - from) / farthest);
    const [start, end] = [a.y + 0.65 * boxHeight, b.y + 0.35 * boxHeight];
    return {
      from,
      to,
      points: [
        [width, start],
        [out, start],
        [out, end],
        [width, end],
      ],
    };
  });
  const { y, height } = boxes[boxes.length - 1] ?? { y: 0, height: 0 };
  return { boxes, wires, width: width + reach, height: y + height };
}

/** Programs in columns, one column after the other, which together are somewhat wider than high. */
function inColumns(sizes: readonly Sized[], gap: number): Drawing {
  const area = sizes.reduce((sum, s) => sum + (s.width + gap) * (s.height + gap), 0);
  const most = Math.max(Math.sqrt(area / 1.1), ...sizes.map((s) => s.height));
  let [x, y, column, height] = [0, 0, 0, 0];
  const boxes = sizes.map((s): Box => {
    if (y > 0 && y + s.height > most) [x, y, column] = [x + column + gap, 0, 0];
    const box = { x, y, ...s };
    y += s.height + gap;
    column = Math.max(column, s.width);
    height = Math.max(height, y - gap);
    return box;
  });
  return { boxes, wires: [], width: x + column, height };
}

const middle = ({ x, width }: Box) => x + width / 2;

/** The operations in the programs that they became, from top to bottom. */
export function layoutOf(nodes: readonly InspectedNode[], titles: readonly string[]): Layout {
  const numberOf = new Map(nodes.map(({ id }, i) => [id, i]));
  const inPrograms: number[][] = titles.map(() => []);
  nodes.forEach(({ dispatch }, i) => {
    if (typeof dispatch === "number") inPrograms[dispatch].push(i);
  });
  const flows = new Set<string>();
  const links: [number, number][] = [];
  nodes.forEach(({ inputs, dispatch }, to) => {
    for (const id of new Set(inputs)) {
      const from = numberOf.get(id)!;
      const before = nodes[from].dispatch;
      if (typeof dispatch !== "number" || typeof before !== "number") continue;
      links.push([from, to]);
      if (before !== dispatch) flows.add(`${before} ${dispatch}`);
    }
  });
  // What only has a part in an operation comes before the program that completes it.
  for (const { dispatch, dispatches } of nodes)
    for (const part of dispatches)
      if (typeof dispatch === "number" && part < dispatch && inPrograms[part].length === 0)
        flows.add(`${part} ${dispatch}`);
  const edges = [...flows].map((flow) => flow.split(" ").map(Number) as [number, number]);
  const folded = inOneColumn(titles, edges);
  const contents = inPrograms.map((own) => inside(own, nodes));
  const large = contents.map(({ width, height }, i) => ({
    width: Math.max(titleWidth(i, titles[i]), width + 2 * padding),
    height: height === 0 ? boxHeight : height + titleHeight + padding,
  }));
  const open = inColumns(large, 18);
  const places = inPrograms.flatMap((own, program) =>
    own.map((node, k) => {
      const box = contents[program].boxes[k];
      const { x, y } = open.boxes[program];
      return { node, box: { ...box, x: x + box.x + padding, y: y + box.y + titleHeight } };
    }),
  );
  const boxOf = new Map(places.map(({ node, box }) => [node, box]));
  const wires = links.map(([from, to]): Wire => {
    const [a, b] = [boxOf.get(from)!, boxOf.get(to)!];
    return {
      from,
      to,
      points: [
        [middle(a), a.y + a.height],
        [middle(b), b.y],
      ],
    };
  });
  return { folded, open: { ...open, wires }, nodes: places };
}
