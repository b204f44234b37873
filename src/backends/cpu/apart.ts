import type { Op } from "../../graph/op.ts";

/**
 * What some ops state for the reference, by their names, where it is not in their records. In the source it is; the build
 * of the package takes it out of the records that every program loads, and puts it here (scripts/apart-plugin.ts).
 */
export const apart: ReadonlyMap<string, Partial<Op>> = new Map();
