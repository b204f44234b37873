import { gather, iota, type Tensor } from "cotangent";

/** A tensor whose axes have names, each its own. */
interface Named {
  x: Tensor;
  letters: string[];
}

/** Einstein's sums by transpose, matmul and sum, two tensors at a time. */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const { inputs, output } = lettersOf(
    equation,
    operands.map(({ rank }) => rank),
  );
  const all = operands.map((x, i) => diagonal({ x, letters: inputs[i] }));
  const result = all.reduce((a, b, i) => {
    const later = all.slice(i + 1).flatMap(({ letters }) => letters);
    return product(a, b, [...later, ...output]);
  });
  return arranged(result, output);
}

/** The letters of each operand's axes, and of the result's; an ellipsis stands for capitals, the last ones at the end. */
function lettersOf(equation: string, ranks: readonly number[]) {
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const parts = left.split(",");
  const hidden = parts.map((part, i) =>
    part.includes("...") ? ranks[i] - (part.length - "...".length) : 0,
  );
  const capitals = Array.from({ length: Math.max(...hidden) }, (_, i) =>
    String.fromCharCode("A".charCodeAt(0) + i),
  );
  const spelled = (part: string, count: number) => {
    const dots = capitals.slice(capitals.length - count).join("");
    return part.replace("...", dots).split("");
  };
  const inputs = parts.map((part, i) => spelled(part, hidden[i]));
  const every = inputs.flat();
  // Left out, it is what occurs once, by the alphabet, after the ellipsis.
  const once = every.filter((l) => every.indexOf(l) === every.lastIndexOf(l));
  const implied = [...capitals, ...once.filter((l) => !capitals.includes(l)).sort()];
  return { inputs, output: right === undefined ? implied : spelled(right, capitals.length) };
}

/** The elements whose places along axes of the same name are the same. */
function diagonal({ x, letters }: Named): Named {
  const second = letters.findIndex((l, i) => letters.indexOf(l) < i);
  if (second < 0) return { x, letters };
  const first = letters.indexOf(letters[second]);
  const others = letters.flatMap((_, axis) => (axis === first || axis === second ? [] : [axis]));
  const n = x.shape[first];
  const pairs = x
    .transpose([...others, first, second])
    .reshape([...others.map((a) => x.shape[a]), n * n]);
  return diagonal({
    x: gather(pairs, iota([n]).mul(n + 1), -1),
    letters: [...others, first].map((a) => letters[a]),
  });
}

/** The product of two tensors, summed over the axes that nobody needs. */
function product(a: Named, b: Named, needed: readonly string[]): Named {
  const size = (l: string) =>
    a.letters.includes(l) ? a.x.shape[a.letters.indexOf(l)] : b.x.shape[b.letters.indexOf(l)];
  const shared = a.letters.filter((l) => b.letters.includes(l));
  const batch = shared.filter((l) => needed.includes(l));
  const summed = shared.filter((l) => !needed.includes(l));
  const own = ({ letters }: Named) =>
    letters.filter((l) => !shared.includes(l) && needed.includes(l));
  const [rows, columns] = [own(a), own(b)];
  const count = (letters: string[]) => letters.reduce((n, l) => n * size(l), 1);
  const lead = batch.map(size);
  const x = arranged(a, [...batch, ...rows, ...summed]);
  const y = arranged(b, [...batch, ...summed, ...columns]);
  const letters = [...batch, ...rows, ...columns];
  return {
    x: x
      .reshape([...lead, count(rows), count(summed)])
      .matmul(y.reshape([...lead, count(summed), count(columns)]))
      .reshape(letters.map(size)),
    letters,
  };
}

/** Sums away the axes that are not in `to` and puts the others in its order. */
function arranged({ x, letters }: Named, to: readonly string[]): Tensor {
  const gone = letters.flatMap((l, axis) => (to.includes(l) ? [] : [axis]));
  const kept = letters.filter((l) => to.includes(l));
  return (gone.length > 0 ? x.sum(gone) : x).transpose(to.map((l) => kept.indexOf(l)));
}
