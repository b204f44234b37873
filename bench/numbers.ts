/** A number in three digits or so. */
export const digits = (value: number) =>
  value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 1 ? 3 : 2);

export const showRatio = (ratio: number) => `${digits(ratio)}x`;
