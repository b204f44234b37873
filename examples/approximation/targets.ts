import type { Tensor } from "cotangent";

/** sin 6x + x/2, element by element. */
export const onLine = (x: Tensor): Tensor => x.mul(6).sin().add(x.div(2));

/** exp(−2x² − 2y²) + xy/2 for rows (x, y): [m, 2] → [m]. */
export const inPlane = (x: Tensor): Tensor => x.square().sum(1).mul(-2).exp().add(x.prod(1).div(2));
