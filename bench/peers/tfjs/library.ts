export { open } from "./open.ts";
export { cnn } from "./cnn.ts";
export { compute } from "./compute.ts";
export { mlp } from "./mlp.ts";
export { multiply } from "./multiply.ts";
