/** The namespace `random` of the API: what draws, and how it is seeded. */
export {
  bernoulli,
  bits,
  normal,
  permutation,
  seed,
  uniform,
  type NormalOptions,
  type UniformOptions,
} from "./draws.ts";
export { namedVariables } from "./state.ts";
