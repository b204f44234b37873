import { lent } from "./lent.ts";

/** Loads what no program needs that only trains on a GPU. */
export async function loadLate() {
  const late = await import("./late.ts");
  late.borrow(lent);
  return late;
}
