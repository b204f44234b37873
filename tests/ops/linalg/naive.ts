/** A tensor as an einsum by hand sees it. */
export interface Operand {
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** Σ over all letters that are not in the result, one product of elements at a time. Letters of length 1 broadcast. */
export function einsumByHand(
  inputs: readonly string[],
  output: string,
  operands: readonly Operand[],
): { shape: number[]; data: number[] } {
  const lengths = new Map<string, number>();
  inputs.forEach((letters, i) =>
    letters.split("").forEach((l, axis) => {
      lengths.set(l, Math.max(lengths.get(l) ?? 0, operands[i].shape[axis]));
      if (operands[i].shape[axis] === 0) lengths.set(l, 0);
    }),
  );
  const letters = [...lengths.keys()];
  const shape = output.split("").map((l) => lengths.get(l)!);
  const data = new Array<number>(shape.reduce((n, d) => n * d, 1)).fill(0);
  const total = [...lengths.values()].reduce((n, d) => n * d, 1);
  const place = (names: string, own: readonly number[], at: Map<string, number>) =>
    names.split("").reduce((p, l, axis) => p * own[axis] + (own[axis] === 1 ? 0 : at.get(l)!), 0);
  for (let i = 0; i < total; i++) {
    const at = new Map<string, number>();
    let rest = i;
    for (const l of letters) {
      at.set(l, rest % lengths.get(l)!);
      rest = Math.floor(rest / lengths.get(l)!);
    }
    const term = operands.reduce(
      (p, { shape: own, data: x }, k) => p * x[place(inputs[k], own, at)],
      1,
    );
    data[place(output, shape, at)] += term;
  }
  return { shape, data };
}
