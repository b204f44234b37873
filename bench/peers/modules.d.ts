// What the bench uses of its peers, so that it type-checks where they are not installed.

/** Where peers compute; a constant of each bundle. */
declare const TARGET: "gpu" | "wasm";

declare module "@jax-js/jax" {
  export interface Array {
    /** The same array, owned once more. */
    readonly ref: this;
    add(x: Array | number): Array;
    sub(x: Array | number): Array;
    mul(x: Array | number): Array;
    div(x: Array | number): Array;
    sum(): Array;
    mean(axis?: number): Array;
    max(): Array;
    transpose(): Array;
    reshape(shape: readonly number[]): Array;
    slice(...indices: number[]): Array;
    data(): Promise<Float32Array>;
    gpuBufferSync(): GPUBuffer;
    blockUntilReady(): Promise<this>;
    dispose(): void;
  }
  type Unary = (x: Array) => Array;

  export const numpy: {
    array(values: Float32Array, options: { shape: readonly number[] }): Array;
    zeros(shape: readonly number[]): Array;
    linalg: { inv: Unary };
    matmul(a: Array, b: Array): Array;
    power(base: number, exponent: Array): Array;
    sort: Unary;
    sqrt: Unary;
    square: Unary;
    tanh: Unary;
  };
  export const nn: {
    dotProductAttention(query: Array, key: Array, value: Array): Array;
    gelu: Unary;
    logSoftmax: Unary;
    relu: Unary;
    sigmoid: Unary;
    softmax: Unary;
    standardize: Unary;
  };
  export const lax: {
    linalg: { cholesky: Unary };
    convGeneralDilated(x: Array, weight: Array, strides: readonly number[], padding: "SAME"): Array;
    reduceWindow(
      x: Array,
      computation: Unary,
      lengths: readonly number[],
      strides: readonly number[],
    ): Array;
  };
  export function init(device: string): Promise<string[]>;
  export function defaultDevice(device: string): void;
  export function jit<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => R;
  export function valueAndGrad<P, A extends unknown[]>(
    f: (parameters: P, ...args: A) => Array,
  ): (parameters: P, ...args: A) => [value: Array, gradient: P];
}

declare module "@tensorflow/tfjs-backend-webgpu";
declare module "@tensorflow/tfjs-core/dist/register_all_gradients";

declare module "@tensorflow/tfjs-backend-wasm" {
  export function setWasmPaths(paths: Record<string, string>): void;
}

declare module "@tensorflow/tfjs-core" {
  export interface Tensor {
    readonly shape: number[];
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  type Unary = (x: Tensor) => Tensor;
  type Binary = (a: Tensor, b: Tensor | number) => Tensor;
  type Loss = (targets: Tensor, outputs: Tensor) => Tensor;
  interface Optimizer {
    minimize(loss: () => Tensor, returnCost: true): Tensor;
  }

  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
  export function tidy(f: () => Tensor): Tensor;
  export function tensor(values: Float32Array, shape: readonly number[]): Tensor;
  export function variable(x: Tensor): Tensor;
  export const add: Binary;
  export const sub: Binary;
  export const mul: Binary;
  export const div: Binary;
  export function mean(x: Tensor, axis: number): Tensor;
  export function matMul(a: Tensor, b: Tensor, turnA?: boolean, turnB?: boolean): Tensor;
  export function conv2d(x: Tensor, weight: Tensor, stride: number, padding: "same"): Tensor;
  export function maxPool(x: Tensor, size: number, stride: number, padding: "valid"): Tensor;
  export function moments(
    x: Tensor,
    axis: number,
    keepDims: boolean,
  ): { mean: Tensor; variance: Tensor };
  export function reshape(x: Tensor, shape: readonly number[]): Tensor;
  export function transpose(x: Tensor, axes: readonly number[]): Tensor;
  export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor;
  export const relu: Unary;
  export const sigmoid: Unary;
  export const softmax: Unary;
  export const sqrt: Unary;
  export const square: Unary;
  export const sum: Unary;
  export const tanh: Unary;
  export const losses: { softmaxCrossEntropy: Loss; meanSquaredError: Loss };
  export const train: {
    sgd(rate: number): Optimizer;
    adam(rate: number, beta1: number, beta2: number, epsilon: number): Optimizer;
  };
}

declare module "esbuild-wasm" {
  export function build(options: {
    entryPoints: string[];
    outdir: string;
    alias: Record<string, string>;
    define: Record<string, string>;
    external: string[];
    bundle: boolean;
    minify: boolean;
    format: "esm";
    splitting: boolean;
    target: string;
    logLevel: "error";
  }): Promise<unknown>;
}
