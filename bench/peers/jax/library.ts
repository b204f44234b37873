export { open, train } from "./train.ts";
export { multiply } from "./multiply.ts";
