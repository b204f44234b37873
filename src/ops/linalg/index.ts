export { diag, diagonal, trace } from "./diagonal.ts";
export { einsum } from "./einsum.ts";
export { inner, kron, outer } from "./products.ts";
export { tril, triu } from "./triangle.ts";
