import { init } from "cotangent";

// The library on its float64 reference: what all results are held against.

export * from "./library.ts";
export const open = () => init({ backend: "cpu" });
