import { describeValue } from "../../base/describe-value.ts";
import { ArgumentError, ShapeError, ValueError } from "../../base/errors.ts";
import { show, type Shape } from "../../base/shape.ts";

/** What the axes of an einsum are called: letters, and names of their own for those that an ellipsis stands for. */
export interface Notation {
  inputs: readonly string[][];
  output: readonly string[];
}

const ELLIPSIS = "...";

/** The names of the axes of each operand and of the result, by NumPy's notation. */
export function readNotation(subscripts: string, shapes: readonly Shape[]): Notation {
  if (typeof subscripts !== "string") {
    throw new ArgumentError(
      `einsum: the subscripts are a text, as in "ij,jk->ik", got ${describeValue(subscripts)}`,
    );
  }
  const [left, right, more] = subscripts.replaceAll(" ", "").split("->");
  const parts = left.split(",");
  if (more !== undefined) throw new ValueError(`einsum: "${subscripts}" has more than one arrow`);
  if (parts.length !== shapes.length) {
    throw new ValueError(
      `einsum: "${subscripts}" is for ${count(parts.length, "operand")}, and there ${
        shapes.length === 1 ? "is" : "are"
      } ${shapes.length}`,
    );
  }
  for (const part of right === undefined ? parts : [...parts, right]) checkPart(subscripts, part);
  const hidden = parts.map((part, i) => hiddenAxes(part, shapes[i]));
  const most = Math.max(0, ...hidden);
  const inputs = parts.map((part, i) => named(part, hidden[i]));
  if (right === undefined) return { inputs, output: implied(inputs, most) };
  return { inputs, output: explicit(subscripts, right, inputs, most) };
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;

/** Letters, and one ellipsis at most. */
function checkPart(subscripts: string, part: string): void {
  if (/^[a-z]*(\.\.\.)?[a-z]*$/i.test(part)) return;
  throw new ValueError(
    `einsum: "${part}" in "${subscripts}" is not made of letters and at most one ellipsis, "..."`,
  );
}

/** How many axes of an operand its ellipsis stands for. */
function hiddenAxes(part: string, shape: Shape): number {
  const letters = part.replace(ELLIPSIS, "").length;
  const hidden = shape.length - letters;
  if (hidden < 0 || (hidden > 0 && !part.includes(ELLIPSIS))) {
    throw new ShapeError(
      `einsum: "${part}" names ${count(letters, "axis").replace("axiss", "axes")}, and ${show(shape)} has ${shape.length}`,
    );
  }
  return hidden;
}

/** The names of axes that an ellipsis stands for: they are aligned at the right, so they are counted from there. */
const hiddenNames = (n: number) => Array.from({ length: n }, (_, i) => `${n - 1 - i}`);

/** The name of each axis. */
function named(part: string, hidden: number): string[] {
  const [before, behind = ""] = part.split(ELLIPSIS);
  return [
    ...before.split(""),
    ...(part.includes(ELLIPSIS) ? hiddenNames(hidden) : []),
    ...behind.split(""),
  ];
}

/** Without an arrow: the axes of the ellipsis, then the letters that occur once, by the alphabet. */
function implied(inputs: readonly string[][], hidden: number): string[] {
  const letters = inputs.flat().filter((name) => /[a-z]/i.test(name));
  const once = letters.filter((l) => letters.indexOf(l) === letters.lastIndexOf(l));
  return [...hiddenNames(hidden), ...once.sort()];
}

function explicit(
  subscripts: string,
  right: string,
  inputs: readonly string[][],
  hidden: number,
): string[] {
  const output = named(right, hidden);
  const refuse = (why: string): never => {
    throw new ValueError(`einsum: the result of "${subscripts}" ${why}`);
  };
  if (hidden > 0 && !right.includes(ELLIPSIS)) {
    refuse(
      `leaves out the ellipsis, which stands for ${count(hidden, "axis").replace("axiss", "axes")}`,
    );
  }
  const every = new Set(inputs.flat());
  const unknown = output.find((name) => !every.has(name));
  if (unknown !== undefined) refuse(`has the letter ${unknown}, which no operand has`);
  const twice = output.find((name, i) => output.indexOf(name) < i);
  if (twice !== undefined) refuse(`has the letter ${twice} twice`);
  return output;
}
