import dagre from "@dagrejs/dagre";
import type { InspectedNode } from "cotangent/check";
import { isPartOf } from "./parts.ts";
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
  nodes: readonly PlacedNode[];
}

/** Where an operation is in its program's box of the open drawing. */
export interface PlacedNode {
  /** The number of the node. */
  node: number;
  program: number;
  box: Box;
  /** What is written in it. */
  label: string;
  /** Whether another program completes it, and all that this one does is for it. */
  isPart: boolean;
}

const boxHeight = 34;
/** Between two programs, and between columns of them, where lines run. */
const [rowGap, columnGap] = [14, 84];
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

const wire = (from: number, to: number, ...points: Spot[]): Wire => ({ from, to, points });

const middle = ({ x, width }: Box) => x + width / 2;

/** Lays out a graph from top to bottom. */
function layered(
  sizes: readonly Sized[],
  edges: readonly (readonly [from: number, to: number])[],
  gaps: { ranksep: number; nodesep: number },
) {
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
  return {
    boxes,
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
function inside(
  own: readonly number[],
  labels: readonly string[],
  nodes: readonly InspectedNode[],
) {
  const at = new Map(own.map((node, i) => [nodes[node].id, i]));
  const edges = own.flatMap((node, to) =>
    [...new Set(nodes[node].inputs)].flatMap((id) => {
      const from = at.get(id);
      return from === undefined ? [] : [[from, to] as const];
    }),
  );
  const sizes = labels.map((label) => ({
    width: Math.max(30, textWidth(label, 12) + 16),
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

/** How large a drawing is shown in a frame of this width for each pixel of its height. */
const scaleIn = (aspect: number, { width, height }: Sized) => Math.min(aspect / width, 1 / height);

/** That which is shown largest. */
const largest = (drawings: readonly Drawing[], aspect: number): Drawing =>
  drawings.reduce((a, b) => (scaleIn(aspect, b) > scaleIn(aspect, a) ? b : a));

/** Programs in columns of so many; what one hands on to another goes through the gaps, or behind those in between. */
function inColumnsOf(
  rows: number,
  titles: readonly string[],
  edges: readonly (readonly [from: number, to: number])[],
): Drawing {
  const columnOf = (i: number) => Math.floor(i / rows);
  const widths: number[] = [];
  titles.forEach((title, i) => {
    widths[columnOf(i)] = Math.max(widths[columnOf(i)] ?? 0, titleWidth(i, title));
  });
  const lefts = widths.map((_, c) =>
    widths.slice(0, c).reduce((left, width) => left + width + columnGap, 0),
  );
  const boxes = titles.map((_, i): Box => {
    const column = columnOf(i);
    const y = (i % rows) * (boxHeight + rowGap);
    return { x: lefts[column], y, width: widths[column], height: boxHeight };
  });
  const wires = edges.map(([from, to]): Wire => {
    const [a, b] = [boxes[from], boxes[to]];
    const [start, end] = [a.y + 0.65 * boxHeight, b.y + 0.35 * boxHeight];
    const right = a.x + a.width;
    if (columnOf(from) !== columnOf(to)) {
      const between = (right + b.x) / 2;
      return wire(from, to, [right, start], [between, start], [between, end], [b.x, end]);
    }
    if (to === from + 1) return wire(from, to, [middle(a), a.y + boxHeight], [middle(b), b.y]);
    const out = right + columnGap * Math.sqrt((to - from) / Math.max(rows - 1, 1));
    return wire(from, to, [right, start], [out, start], [out, end], [right, end]);
  });
  return {
    boxes,
    wires,
    width: (lefts.at(-1) ?? 0) + (widths.at(-1) ?? 0) + columnGap,
    height: Math.max(0, ...boxes.map((b) => b.y + b.height)),
  };
}

/** Programs in the columns in which they are shown largest. */
function folded(
  titles: readonly string[],
  edges: readonly (readonly [from: number, to: number])[],
  aspect: number,
): Drawing {
  const count = Math.max(1, titles.length);
  const drawings = Array.from({ length: count }, (_, i) =>
    inColumnsOf(Math.ceil(count / (i + 1)), titles, edges),
  );
  return largest(drawings, aspect);
}

/** Programs of these sizes in columns that are no higher than the highest of them, or than this. */
function stackedTo(most: number, sizes: readonly Sized[], gap: number): Drawing {
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

/** As `stackedTo`, as high as they are shown largest. */
function stacked(sizes: readonly Sized[], gap: number, aspect: number): Drawing {
  const area = sizes.reduce((sum, s) => sum + (s.width + gap) * (s.height + gap), 0);
  const heights = [0.8, 1, 1.2, 1.4, 1.7, 2].map((share) => share * Math.sqrt(area / aspect));
  return largest(
    heights.map((most) => stackedTo(most, sizes, gap)),
    aspect,
  );
}

/** The operations in the programs that they became, in order, for a frame that is so wide for its height. */
export function layoutOf(
  nodes: readonly InspectedNode[],
  titles: readonly string[],
  aspect: number,
): Layout {
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
  for (const node of nodes)
    for (const part of node.dispatches)
      if (isPartOf(node, part) && inPrograms[part].length === 0)
        flows.add(`${part} ${node.dispatch}`);
  const edges = [...flows].map((flow) => flow.split(" ").map(Number) as [number, number]);
  // A program that completes nothing has a part in something.
  const shown = inPrograms.map((own, i) => {
    const part = nodes.findIndex((node) => isPartOf(node, i));
    return own.length > 0 || part < 0 ? own : [part];
  });
  const isPart = (node: number, program: number) => nodes[node].dispatch !== program;
  const labelsOf = (own: readonly number[], program: number) =>
    own.map((node) => (isPart(node, program) ? "for " : "") + opWords(nodes[node].op));
  const contents = shown.map((own, program) => inside(own, labelsOf(own, program), nodes));
  const large = contents.map(({ width, height }, i) => ({
    width: Math.max(titleWidth(i, titles[i]), width + 2 * padding),
    height: height === 0 ? boxHeight : height + titleHeight + padding,
  }));
  const open = stacked(large, 18, aspect);
  const places = shown.flatMap((own, program) =>
    labelsOf(own, program).map((label, k): PlacedNode => {
      const box = contents[program].boxes[k];
      return {
        node: own[k],
        program,
        label,
        isPart: isPart(own[k], program),
        box: { ...box, x: box.x + padding, y: box.y + titleHeight },
      };
    }),
  );
  const boxOf = new Map(
    places
      .filter(({ isPart }) => !isPart)
      .map(({ node, program, box }) => {
        const { x, y } = open.boxes[program];
        return [node, { ...box, x: x + box.x, y: y + box.y }];
      }),
  );
  const wires = links.map(([from, to]): Wire => {
    const [a, b] = [boxOf.get(from)!, boxOf.get(to)!];
    return wire(from, to, [middle(a), a.y + a.height], [middle(b), b.y]);
  });
  return { folded: folded(titles, edges, aspect), open: { ...open, wires }, nodes: places };
}
