import { edge } from "./painted.ts";

interface SheetOptions {
  sheet: HTMLElement;
  /** Shows where the keyboard's pen is. */
  pen: HTMLElement;
  /** Puts a point on the sheet. */
  put: (x: number, y: number) => void;
  /** Takes the brush of this number. */
  choose: (kind: 0 | 1) => void;
}

/** Least distance between two points of a stroke, of which the sheet is 2.2 wide. */
const spacing = 0.06;

/** How far an arrow key moves the pen. */
const stride = 0.05;

const moves: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-stride, 0],
  ArrowRight: [stride, 0],
  ArrowUp: [0, stride],
  ArrowDown: [0, -stride],
};

const within = (x: number) => Math.min(Math.max(x, -edge), edge);

/** Has points painted on a sheet, by pointer and by keyboard. */
export function paintOn({ sheet, pen, put, choose }: SheetOptions): void {
  let last: readonly [number, number] | null = null;
  const stroke = ({ clientX, clientY }: PointerEvent) => {
    const box = sheet.getBoundingClientRect();
    const x = edge * ((2 * (clientX - box.left)) / box.width - 1);
    const y = edge * (1 - (2 * (clientY - box.top)) / box.height);
    if (Math.abs(x) > edge || Math.abs(y) > edge) return;
    if (last && Math.hypot(x - last[0], y - last[1]) < spacing) return;
    last = [x, y];
    put(x, y);
  };
  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    sheet.setPointerCapture(event.pointerId);
    last = null;
    stroke(event);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (sheet.hasPointerCapture(event.pointerId)) stroke(event);
  });

  let at = [0, 0];
  const place = () => {
    pen.style.left = `${50 + (50 * at[0]) / edge}%`;
    pen.style.top = `${50 - (50 * at[1]) / edge}%`;
  };
  place();
  const showPen = () => (pen.hidden = !sheet.matches(":focus-visible"));
  sheet.addEventListener("focus", showPen);
  sheet.addEventListener("blur", showPen);
  sheet.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (move) at = at.map((x, i) => within(x + move[i]));
    else if (event.key === " ") put(at[0], at[1]);
    else if (event.key === "1" || event.key === "2") choose(event.key === "1" ? 1 : 0);
    else return;
    event.preventDefault();
    showPen();
    place();
  });
}
