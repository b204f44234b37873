import type { ComponentChild } from "preact";
import { numeral, subscripted } from "./format.ts";
import { argumentsOf, nodeHeight, nodeWidth, type Layout, type Placed } from "./layout.ts";
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

/** An arrow between two nodes, bent along the way. */
function path({ x: x0, y: y0 }: Placed, { x: x1, y: y1 }: Placed, isTall: boolean): string {
  if (isTall) {
    const [from, to] = [y0 + nodeHeight / 2, y1 - nodeHeight / 2 - 4];
    const bend = (to - from) / 2;
    return `M${x0} ${from}C${x0} ${from + bend} ${x1} ${to - bend} ${x1} ${to}`;
  }
  const [from, to] = [x0 + nodeWidth / 2, x1 - nodeWidth / 2 - 4];
  const bend = (to - from) / 2;
  return `M${from} ${y0}C${from + bend} ${y0} ${to - bend} ${y1} ${to} ${y1}`;
}

export function Graph({ nodes, layout, progress, by }: GraphProps): ComponentChild {
  const { width, height, places, edges } = layout;
  const { values, adjoints, at, isBack } = progress;
  const isTall = height > width;
  const isDone = (i: number) => i < values;
  const isActive = ([from, to]: readonly [number, number]) => (isBack ? from : to) === at;
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
          key={edge.join()}
          class={`edge ${isActive(edge) ? (isBack ? "back" : "ahead") : ""}`}
          d={path(places[edge[0]], places[edge[1]], isTall)}
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
              <tspan class="ahead">{isDone(i) ? `ẋ ${numeral(tangents[by])}` : ""}</tspan>
              <tspan class="back" x="66">
                {back ? `x̄ ${numeral(adjoint)}` : ""}
              </tspan>
            </text>
          </g>
        );
      })}
    </svg>
  );
}
