/** The number of the fewest decimal digits that is the same float32. Nine digits tell any two apart. */
export function shortest(value: number): number {
  const x = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(x.toPrecision(digits));
    if (Math.fround(rounded) === x) return rounded;
  }
  return Number(x.toPrecision(9));
}
