// What no program needs that only trains on a GPU: the reference, and what tells of a call. It is loaded as one: of every
// module that is loaded by itself, bundlers set apart what it shares with the rest, and small parts compress less well.
export { CpuBackend } from "../backends/cpu/cpu-backend.ts";
export { profilePlan } from "./profile.ts";
export { validateRun } from "./validate.ts";
export { borrow } from "./borrowed.ts";
