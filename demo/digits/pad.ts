import { effect } from "@preact/signals-core";
import { palette } from "../site/theme.ts";
import { paintInk } from "./ink.ts";
import { normalise, side } from "./normalise.ts";

// In pixels of the canvas: as broad, beside a digit that fills the sheet, as MNIST's pens.
const pen = 26;

// How far an arrow key moves the pen: half a square of the sheet.
const stride = 12;

const arrows: Record<string, [dx: number, dy: number]> = {
  ArrowLeft: [-stride, 0],
  ArrowRight: [stride, 0],
  ArrowUp: [0, -stride],
  ArrowDown: [0, stride],
};

/** A sheet to draw a digit on. */
export class Pad {
  /** What was drawn, as the network is to see it; null on an empty sheet. */
  image: Float32Array<ArrayBuffer> | null = null;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #onChange: (image: Float32Array<ArrayBuffer> | null) => void;
  #borrowed = false;
  /** The pen that the keyboard moves. */
  readonly #nib: HTMLElement;
  #place: [x: number, y: number];
  #down = false;

  constructor(
    canvas: HTMLCanvasElement,
    nib: HTMLElement,
    onChange: (image: Float32Array<ArrayBuffer> | null) => void,
  ) {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("this browser has no 2D canvas");
    this.#canvas = canvas;
    this.#context = context;
    this.#onChange = onChange;
    this.#nib = nib;
    this.#place = [canvas.width / 2, canvas.height / 4];
    this.#showNib();
    Object.assign(context, { lineCap: "round", lineJoin: "round", lineWidth: pen });
    effect(() => this.#dye(palette.value.text));
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Gives the pen, and what it has drawn, a colour. */
  #dye(color: string): void {
    const context = this.#context;
    Object.assign(context, { strokeStyle: color, fillStyle: color });
    context.globalCompositeOperation = "source-in";
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.globalCompositeOperation = "source-over";
  }

  clear(): void {
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#borrowed = false;
    this.#down = false;
    this.#showNib();
    this.#set(null);
  }

  /** Puts a digit of the set onto the sheet. */
  borrow(image: Float32Array<ArrayBuffer>): void {
    this.clear();
    const small = new OffscreenCanvas(side, side);
    paintInk(small, image, palette.peek().text);
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

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#begin(this.#position(event));
  }

  #begin([x, y]: [x: number, y: number]): void {
    if (this.#borrowed) this.clear();
    this.#context.beginPath();
    this.#context.moveTo(x, y);
    // A line of no length leaves nothing: a dot is a disc.
    this.#context.arc(x, y, pen / 2, 0, 2 * Math.PI);
    this.#context.fill();
    this.#context.beginPath();
    this.#context.moveTo(x, y);
    this.#set(this.#read());
  }

  #key(event: KeyboardEvent): void {
    const arrow = arrows[event.key];
    if (["Escape", "Delete", "Backspace"].includes(event.key)) this.clear();
    else if (arrow) this.#shift(arrow);
    else if (event.key === " ") this.#toggle();
    else return;
    // The page would scroll.
    event.preventDefault();
  }

  /** Lowers the keyboard's pen, or lifts it. */
  #toggle(): void {
    if (!this.#down) this.#begin(this.#place);
    this.#down = !this.#down;
    this.#showNib();
  }

  /** Moves the keyboard's pen, which leaves a line if it is down. */
  #shift([dx, dy]: [dx: number, dy: number]): void {
    const { width, height } = this.#canvas;
    const [x, y] = this.#place;
    const clamp = (value: number, end: number) => Math.min(Math.max(value, 0), end);
    this.#place = [clamp(x + dx, width), clamp(y + dy, height)];
    this.#showNib();
    if (!this.#down) return;
    this.#context.moveTo(x, y);
    this.#draw([this.#place]);
  }

  #showNib(): void {
    const { width, height } = this.#canvas;
    const [x, y] = this.#place;
    this.#nib.style.left = `${(100 * x) / width}%`;
    this.#nib.style.top = `${(100 * y) / height}%`;
    this.#nib.classList.toggle("down", this.#down);
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

  /** What is on the sheet; null if nothing is. */
  #read(): Float32Array<ArrayBuffer> | null {
    const { width, height } = this.#canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const pixels = Float32Array.from({ length: width * height }, (_, i) => data[4 * i + 3] / 255);
    const image = normalise({ width, height, pixels });
    return image.some((value) => value > 0) ? image : null;
  }

  #set(image: Float32Array<ArrayBuffer> | null): void {
    this.image = image;
    this.#onChange(image);
  }
}
