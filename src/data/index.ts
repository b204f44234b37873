export { Batches, type BatchOptions } from "./batches.ts";
export { dataset, Dataset, type SplitOptions } from "./dataset.ts";
export type { Parts } from "./parts.ts";
export { resident, Resident, type ResidentOptions } from "./resident.ts";
