import styles from "./graph.css?inline";
import { svgPicture } from "../site/svg-picture.ts";
import type { Drawing, Wire } from "./layout.ts";
import type { Pointed } from "./pointing.ts";
import type { Anatomy } from "./protocol.ts";
import { svg } from "./svg.ts";
import { opWords } from "./words.ts";

export type View = "programs" | "operations";

/** Room around a drawing. */
const margin = 12;
/** A drawing that is small is not blown up. */
const largest = 1.15;
const mostZoom = 12;

/** A line from one place to another, or bent towards two in between. */
function pathOf(points: Wire["points"]): string {
  const [[x0, y0]] = points;
  if (points.length === 2) {
    const [, [x1, y1]] = points;
    const bend = Math.max(10, Math.abs(y1 - y0) / 2);
    return `M${x0} ${y0}C${x0} ${y0 + bend} ${x1} ${y1 - bend} ${x1} ${y1}`;
  }
  return `M${x0} ${y0}C${points.slice(1).flat().join(" ")}`;
}

/** The graph as SVG, which folds from operations into programs and back. */
export class Graph {
  /** Told what is pointed at, and what is chosen. */
  onPoint: (pointed: Pointed | null) => void = () => {};
  onChoose: (program: number) => void = () => {};
  readonly #frame: HTMLElement;
  readonly #root = svg("svg", { role: "img" });
  readonly #world = svg("g", { class: "world" });
  #anatomy: Anatomy | null = null;
  #view: View = "programs";
  #zoom = 1;
  #boxes: SVGGElement[] = [];
  #nodes = new Map<number, SVGGElement>();
  #wires: { element: SVGPathElement; programs: readonly number[] }[] = [];

  constructor(frame: HTMLElement) {
    this.#frame = frame;
    const style = svg("style", {});
    style.textContent = styles;
    this.#root.append(style, this.#world);
    frame.append(this.#root);
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", "The graph, which can be scrolled");
    new ResizeObserver(() => this.#fit()).observe(frame);
    this.#root.addEventListener("pointermove", ({ target, pointerType }) => {
      if (pointerType === "mouse") this.onPoint(this.#at(target));
    });
    this.#root.addEventListener("pointerleave", () => this.onPoint(null));
    this.#root.addEventListener("click", ({ target }) => {
      const found = this.#at(target);
      if (!found) return;
      this.onPoint(found);
      const [program] = found.programs;
      if (program !== undefined) this.onChoose(program);
    });
  }

  /** Draws another graph, in the view that it is in. */
  show(anatomy: Anatomy): void {
    this.#anatomy = anatomy;
    const { layout, nodes, titles } = anatomy;
    const boxes = titles.map((title, i) => {
      const group = svg("g", { class: "box", "data-program": i });
      const number = svg("tspan", { class: "number" });
      number.textContent = String(i + 1);
      const text = svg("text", { x: 10, y: 18 });
      text.append(number, `  ${title}`);
      group.append(svg("rect", {}), svg("rect", { class: "share", y: 26, x: 10 }), text);
      return group;
    });
    this.#boxes = boxes;
    this.#nodes = new Map();
    for (const { node, box } of layout.nodes) {
      const group = svg("g", { class: "node", "data-node": node });
      const { width, height } = box;
      const text = svg("text", { y: 4 });
      text.textContent = opWords(nodes[node].op);
      group.append(svg("rect", { x: -width / 2, y: -height / 2, width, height }), text);
      this.#nodes.set(node, group);
    }
    const programOf = (node: number) => nodes[node].dispatch as number;
    this.#wires = [];
    const wires = (kind: string, drawing: Drawing, programsOf: (wire: Wire) => number[]) => {
      const group = svg("g", { class: `wires of-${kind}` });
      for (const wire of drawing.wires) {
        const element = svg("path", { d: pathOf(wire.points) });
        this.#wires.push({ element, programs: programsOf(wire) });
        group.append(element);
      }
      return group;
    };
    this.#world.replaceChildren(
      wires("programs", layout.folded, ({ from, to }) => [from, to]),
      ...boxes,
      wires("operations", layout.open, ({ from, to }) => [programOf(from), programOf(to)]),
      ...this.#nodes.values(),
    );
    this.#root.setAttribute(
      "aria-label",
      `${this.#nodes.size} operations in ${titles.length} programs, from the first at the top to the last; below there is the same in words`,
    );
    this.#zoom = 1;
    this.#place();
  }

  fold(view: View): void {
    this.#view = view;
    this.#zoom = 1;
    this.#place();
  }

  zoom(factor: number): void {
    this.#zoom = Math.min(Math.max(this.#zoom * factor, 1), mostZoom);
    this.#fit();
  }

  /** Bars in the boxes, as long as their programs take. */
  time(shares: readonly number[]): void {
    const { layout } = this.#anatomy!;
    this.#boxes.forEach((box, i) => {
      const width = (shares[i] ?? 0) * (layout.folded.boxes[i].width - 20);
      box.querySelector(".share")?.setAttribute("width", String(Math.max(0, width)));
    });
  }

  light(pointed: Pointed | null): void {
    const lit = new Set(pointed?.programs);
    this.#root.classList.toggle("is-pointing", lit.size > 0);
    this.#boxes.forEach((box, i) => box.classList.toggle("lit", lit.has(i)));
    for (const { element, programs } of this.#wires)
      element.classList.toggle(
        "lit",
        programs.some((p) => lit.has(p)),
      );
    for (const [node, group] of this.#nodes) {
      const { dispatch } = this.#anatomy!.nodes[node];
      group.classList.toggle("lit", lit.has(dispatch as number));
      group.classList.toggle("pointed", node === pointed?.node);
    }
  }

  /** The whole graph, as it is drawn, as a picture. */
  picture(variables: Readonly<Record<string, string>>): Promise<HTMLImageElement> {
    const { width, height } = this.#drawing;
    const scale = Math.min(2, 1600 / width, 2000 / height);
    const copy = this.#root.cloneNode(true) as SVGSVGElement;
    const world = copy.querySelector<SVGGElement>(".world");
    if (world) world.style.transform = `scale(${scale}) translate(${margin}px, ${margin}px)`;
    const room = (length: number) => (length + 2 * margin) * scale;
    return svgPicture(copy, room(width), room(height), variables);
  }

  get #drawing(): Drawing {
    const { folded, open } = this.#anatomy!.layout;
    return this.#view === "programs" ? folded : open;
  }

  #at(target: EventTarget | null): Pointed | null {
    if (!(target instanceof Element) || !this.#anatomy) return null;
    const node = target.closest<SVGGElement>("[data-node]")?.dataset["node"];
    if (node !== undefined) {
      const { dispatch, dispatches } = this.#anatomy.nodes[Number(node)];
      const others = dispatches.filter((i) => i !== dispatch);
      return { node: Number(node), programs: [dispatch as number, ...others] };
    }
    const program = target.closest<SVGGElement>("[data-program]")?.dataset["program"];
    return program === undefined ? null : { programs: [Number(program)] };
  }

  /** Puts everything where it is in this view. */
  #place(): void {
    if (!this.#anatomy) return;
    const { layout, nodes } = this.#anatomy;
    const isFolded = this.#view === "programs";
    this.#root.classList.toggle("is-folded", isFolded);
    this.#root.classList.toggle("is-open", !isFolded);
    this.#boxes.forEach((group, i) => {
      const { x, y, width, height } = this.#drawing.boxes[i];
      group.style.transform = `translate(${x}px, ${y}px)`;
      const rect = group.querySelector("rect");
      if (rect) rect.style.cssText = `width:${width}px;height:${height}px`;
    });
    for (const { node, box } of layout.nodes) {
      const program = layout.folded.boxes[nodes[node].dispatch as number];
      const at = isFolded ? program : box;
      const small = isFolded ? " scale(0.2)" : "";
      this.#nodes.get(node)!.style.transform =
        `translate(${at.x + at.width / 2}px, ${at.y + at.height / 2}px)${small}`;
    }
    this.#fit();
  }

  /** All of the drawing is in the frame, or as much of it as the zoom leaves. */
  #fit(): void {
    if (!this.#anatomy) return;
    const { clientWidth, clientHeight } = this.#frame;
    const { width, height } = this.#drawing;
    const room = (length: number) => Math.max(1, length - 2 * margin);
    const scale =
      this.#zoom * Math.min(room(clientWidth) / width, room(clientHeight) / height, largest);
    const [w, h] = [width * scale + 2 * margin, height * scale + 2 * margin];
    const full = [Math.max(w, clientWidth), Math.max(h, clientHeight)];
    const isLarger = this.#zoom > 1;
    this.#root.setAttribute("width", String(isLarger ? full[0] : clientWidth));
    this.#root.setAttribute("height", String(isLarger ? full[1] : clientHeight));
    const left = Math.max(margin, (clientWidth - width * scale) / 2);
    const top = Math.max(margin, (clientHeight - height * scale) / 2);
    this.#world.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
  }
}
