import { paintInk } from "../dom.ts";
import { normalise, side } from "./normalise.ts";

// In pixels of the canvas: as broad, beside a digit that fills the sheet, as MNIST's pens.
const pen = 26;

/** A sheet to draw a digit on. */
export class Pad {
  /** What was drawn, as the network is to see it; null on an empty sheet. */
  image: Float32Array<ArrayBuffer> | null = null;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #onChange: (image: Float32Array<ArrayBuffer> | null) => void;
  #borrowed = false;

  constructor(
    canvas: HTMLCanvasElement,
    onChange: (image: Float32Array<ArrayBuffer> | null) => void,
  ) {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("this browser has no 2D canvas");
    this.#canvas = canvas;
    this.#context = context;
    this.#onChange = onChange;
    Object.assign(context, { lineCap: "round", lineJoin: "round", lineWidth: pen });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("keydown", ({ key }) => {
      if (["Escape", "Delete", "Backspace"].includes(key)) this.clear();
    });
  }

  clear(): void {
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#borrowed = false;
    this.#set(null);
  }

  /** Puts a digit of the set onto the sheet. */
  borrow(image: Float32Array<ArrayBuffer>): void {
    this.clear();
    const small = new OffscreenCanvas(side, side);
    paintInk(small, image);
    this.#context.drawImage(small, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#borrowed = true;
    this.#set(image);
  }

  #position({ clientX, clientY }: PointerEvent): [x: number, y: number] {
    const box = this.#canvas.getBoundingClientRect();
    return [
      ((clientX - box.left) / box.width) * this.#canvas.width,
      ((clientY - box.top) / box.height) * this.#canvas.height,
    ];
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (this.#borrowed) this.clear();
    this.#canvas.setPointerCapture(event.pointerId);
    const [x, y] = this.#position(event);
    this.#context.beginPath();
    this.#context.moveTo(x, y);
    // A line of no length: a dot.
    this.#draw([[x, y]]);
  }

  #move(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
    // Between two frames a pen reports more points than there are events.
    const all = event.getCoalescedEvents();
    this.#draw((all.length > 0 ? all : [event]).map((each) => this.#position(each)));
  }

  #draw(points: [x: number, y: number][]): void {
    const context = this.#context;
    for (const [x, y] of points) context.lineTo(x, y);
    context.stroke();
    context.beginPath();
    context.moveTo(...points[points.length - 1]);
    this.#set(this.#read());
  }

  #read(): Float32Array<ArrayBuffer> {
    const { width, height } = this.#canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const pixels = Float32Array.from({ length: width * height }, (_, i) => data[4 * i + 3] / 255);
    return normalise({ width, height, pixels });
  }

  #set(image: Float32Array<ArrayBuffer> | null): void {
    this.image = image;
    this.#onChange(image);
  }
}
