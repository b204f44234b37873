/** The least power of two that is no less; at least 1. */
export const powerAbove = (x: number): number => 2 ** Math.max(Math.ceil(Math.log2(x)), 0);

/** The greatest power of two that is no more; at least 1. */
export const powerBelow = (x: number): number => 2 ** Math.max(Math.floor(Math.log2(x)), 0);
