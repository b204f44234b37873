import type { ComponentChild } from "preact";
import { numeral, subscripted } from "./format.ts";
import {
  argumentsOf,
  nodeHeight,
  nodeWidth,
  type Edge,
  type Layout,
  type Placed,
} from "./layout.ts";
import type { Answers } from "./protocol.ts";

type Nodes = Answers["trace"]["nodes"];

/** How far a playhead is: which nodes have a value, which an adjoint, and the one at hand. */
export interface Progress {
  values: number;
  adjoints: number;
  at: number | null;
  isBack: boolean;
}

/** Of n nodes, after so many steps forward and then back. */
export function progressAt(step: number, n: number): Progress {
  const values = Math.min(step, n);
  const adjoints = Math.max(0, step - n);
  const isBack = adjoints > 0;
  const at = isBack ? n - adjoints : values - 1;
  return { values, adjoints, at: step === 0 ? null : at, isBack };
}

interface GraphProps {
  nodes: Nodes;
  layout: Layout;
  progress: Progress;
  /** The input from which forward mode begins. */
  by: number;
}

/** A way as a line that goes straight on at each of its places. */
function path(way: readonly Placed[], isTall: boolean): string {
  const bends = way.slice(1).map((to, i) => {
    const from = way[i];
    const [x, y] = isTall ? [0, (to.y - from.y) / 2] : [(to.x - from.x) / 2, 0];
    return `C${from.x + x} ${from.y + y} ${to.x - x} ${to.y - y} ${to.x} ${to.y}`;
  });
  return `M${way[0].x} ${way[0].y}${bends.join("")}`;
}

export function Graph({ nodes, layout, progress, by }: GraphProps): ComponentChild {
  const { width, height, places, edges } = layout;
  const { values, adjoints, at, isBack } = progress;
  const isTall = height > width;
  const isDone = (i: number) => i < values;
  const isActive = ({ from, to }: Edge) => (isBack ? from : to) === at;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} style={{ maxWidth: `${width}px` }} aria-hidden="true">
      <defs>
        <marker
          id="tip"
          viewBox="0 0 8 8"
          refX="4"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0 0L8 4L0 8Z" />
        </marker>
      </defs>
      {edges.map((edge) => (
        <path
          key={`${edge.from} ${edge.to}`}
          class={`edge ${isActive(edge) ? (isBack ? "back" : "ahead") : ""}`}
          d={path(edge.way, isTall)}
          marker-end="url(#tip)"
        />
      ))}
      {nodes.map(({ name, expression, value, tangents, adjoint }, i) => {
        const back = i >= nodes.length - adjoints;
        const state = i === at ? "now" : isDone(i) ? "done" : "";
        const shown = argumentsOf(expression).length > 0 ? expression : "given";
        return (
          <g
            key={name}
            class={`node ${state} ${Number.isFinite(value) ? "" : "lost"}`}
            transform={`translate(${places[i].x - nodeWidth / 2} ${places[i].y - nodeHeight / 2})`}
          >
            <rect width={nodeWidth} height={nodeHeight} rx="3" />
            <text x="8" y="18">
              <tspan class="name">{subscripted(name)}</tspan> = {subscripted(shown)}
            </text>
            <text x="8" y="36">
              {isDone(i) ? numeral(value) : ""}
            </text>
            <text x="8" y="54">
              <tspan class="ahead">{isDone(i) ? `ẋ ${numeral(tangents[by], 3)}` : ""}</tspan>
              <tspan class="back" x="66">
                {back ? `x̄ ${numeral(adjoint, 3)}` : ""}
              </tspan>
            </text>
          </g>
        );
      })}
    </svg>
  );
}
