import styles from "./graph.css?inline";
import { svgPicture } from "../site/svg-picture.ts";
import type { Drawing, Layout, PlacedNode, Wire } from "./layout.ts";
import type { Pointed } from "./pointing.ts";
import type { Anatomy } from "./protocol.ts";
import { svg } from "./svg.ts";

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
    const bend = Math.max(10, Math.min(Math.abs(y1 - y0) / 2, 60));
    return `M${x0} ${y0}C${x0} ${y0 + bend} ${x1} ${y1 - bend} ${x1} ${y1}`;
  }
  return `M${x0} ${y0}C${points.slice(1).flat().join(" ")}`;
}

/** A program: its box, and its operations, which lie over the lines that lie over the box. */
interface Program {
  box: SVGGElement;
  inside: SVGGElement;
}

/** The graph as SVG, which folds from operations into programs and back. */
export class Graph {
  /** Told what is pointed at, and what is chosen. */
  onPoint: (pointed: Pointed | null) => void = () => {};
  onChoose: (program: number) => void = () => {};
  readonly #root = svg("svg", { role: "img" });
  readonly #world = svg("g", { class: "world" });
  /** Of the frame, as it was told last: to ask would have the page laid out at once. */
  #size = { width: 0, height: 0 };
  #shown: (Pick<Anatomy, "nodes"> & { layout: Layout }) | null = null;
  #view: View = "programs";
  #zoom = 1;
  #programs: Program[] = [];
  #nodes: { node: number; program: number; group: SVGGElement }[] = [];
  #wires: { element: SVGPathElement; programs: readonly number[] }[] = [];
  /** What is lit now. */
  #lit: readonly Element[] = [];

  constructor(frame: HTMLElement) {
    const style = svg("style", {});
    style.textContent = styles;
    this.#root.append(style, this.#world);
    frame.append(this.#root);
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", "The graph, which can be scrolled");
    new ResizeObserver(([{ contentRect }]) => {
      this.#size = contentRect;
      this.#fit();
    }).observe(frame);
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

  /** Draws another graph, in this view. */
  show({ nodes, titles }: Anatomy, layout: Layout, view: View): void {
    this.#shown = { nodes, layout };
    this.#programs = titles.map((title, i) => {
      const box = svg("g", { class: "box", "data-program": i });
      const number = svg("tspan", { class: "number" });
      number.textContent = String(i + 1);
      const text = svg("text", { x: 10, y: 18 });
      text.append(number, `  ${title}`);
      box.append(svg("rect", {}), svg("rect", { class: "share", y: 26, x: 10 }), text);
      return { box, inside: svg("g", { class: "inside" }) };
    });
    this.#nodes = layout.nodes.map((placed) => {
      const group = nodeOf(placed);
      this.#programs[placed.program].inside.append(group);
      return { ...placed, group };
    });
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
      ...this.#programs.map(({ box }) => box),
      wires("operations", layout.open, ({ from, to }) => [programOf(from), programOf(to)]),
      ...this.#programs.map(({ inside }) => inside),
    );
    this.#root.setAttribute(
      "aria-label",
      `${layout.nodes.length} operations in ${titles.length} programs, in order; below there is the same in words`,
    );
    this.fold(view);
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
    const { boxes } = this.#shown!.layout.folded;
    this.#programs.forEach(({ box }, i) => {
      const width = (shares[i] ?? 0) * (boxes[i].width - 20);
      box.querySelector(".share")?.setAttribute("width", String(Math.max(0, width)));
    });
  }

  light(pointed: Pointed | null): void {
    const lit = new Set(pointed?.programs);
    this.#root.classList.toggle("is-pointing", lit.size > 0);
    for (const element of this.#lit) element.classList.remove("lit", "pointed");
    const boxes = [...lit].flatMap((i) => this.#programs[i]?.box ?? []);
    const wires = this.#wires.filter(({ programs }) => programs.some((p) => lit.has(p)));
    const nodes = this.#nodes.filter(({ program }) => lit.has(program));
    const all = [...boxes, ...wires.map(({ element }) => element), ...nodes.map((n) => n.group)];
    for (const element of all) element.classList.add("lit");
    for (const { node, group } of nodes) group.classList.toggle("pointed", node === pointed?.node);
    this.#lit = all;
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
    const { folded, open } = this.#shown!.layout;
    return this.#view === "programs" ? folded : open;
  }

  #at(target: EventTarget | null): Pointed | null {
    if (!(target instanceof Element) || !this.#shown) return null;
    const node = target.closest<SVGGElement>("[data-node]")?.dataset["node"];
    if (node !== undefined) {
      const { dispatch, dispatches } = this.#shown.nodes[Number(node)];
      const others = dispatches.filter((i) => i !== dispatch);
      return { node: Number(node), programs: [dispatch as number, ...others] };
    }
    const program = target.closest<SVGGElement>("[data-program]")?.dataset["program"];
    return program === undefined ? null : { programs: [Number(program)] };
  }

  /** Puts everything where it is in this view. */
  #place(): void {
    if (!this.#shown) return;
    const { folded, open } = this.#shown.layout;
    const isFolded = this.#view === "programs";
    this.#root.classList.toggle("is-folded", isFolded);
    this.#root.classList.toggle("is-open", !isFolded);
    this.#programs.forEach(({ box, inside }, i) => {
      const { x, y, width, height } = this.#drawing.boxes[i];
      const [small, full] = [folded.boxes[i], open.boxes[i]];
      const scale = isFolded ? Math.min(small.width / full.width, small.height / full.height) : 1;
      box.style.transform = `translate(${x}px, ${y}px)`;
      inside.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
      const rect = box.querySelector("rect");
      if (rect) rect.style.cssText = `width:${width}px;height:${height}px`;
    });
    this.#fit();
  }

  /** All of the drawing is in the frame, or as much of it as the zoom leaves. */
  #fit(): void {
    if (!this.#shown || this.#size.width === 0) return;
    const { width: wide, height: tall } = this.#size;
    const { width, height } = this.#drawing;
    const room = (length: number) => Math.max(1, length - 2 * margin);
    const scale = this.#zoom * Math.min(room(wide) / width, room(tall) / height, largest);
    const isLarger = this.#zoom > 1;
    const whole = (length: number, frame: number) =>
      isLarger ? Math.max(length * scale + 2 * margin, frame) : frame;
    this.#root.setAttribute("width", String(whole(width, wide)));
    this.#root.setAttribute("height", String(whole(height, tall)));
    const left = Math.max(margin, (wide - width * scale) / 2);
    const top = Math.max(margin, (tall - height * scale) / 2);
    this.#world.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
  }
}

/** An operation in its box. */
function nodeOf({ node, box, label, isPart }: PlacedNode): SVGGElement {
  const { x, y, width, height } = box;
  const at = `translate(${x + width / 2} ${y + height / 2})`;
  const kind = isPart ? "node part" : "node";
  const group = svg("g", { class: kind, "data-node": node, transform: at });
  const text = svg("text", { y: 4 });
  text.textContent = label;
  group.append(svg("rect", { x: -width / 2, y: -height / 2, width, height }), text);
  return group;
}
