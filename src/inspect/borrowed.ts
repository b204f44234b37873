import type { lent } from "./lent.ts";

/** Takes what programs lend: nothing where modules import it by themselves. The build has another in place of this. */
export const borrow: (own: typeof lent) => void = () => {};
