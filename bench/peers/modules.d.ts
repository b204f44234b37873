// What the bench uses of its peers, so that it type-checks where they are not installed.

declare module "@jax-js/jax" {
  export interface Array {
    /** The same array, owned once more. */
    readonly ref: this;
    add(x: Array | number): Array;
    sub(x: Array | number): Array;
    mul(x: Array | number): Array;
    div(x: Array | number): Array;
    sum(): Array;
    mean(): Array;
    transpose(): Array;
    slice(...indices: number[]): Array;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  type Unary = (x: Array) => Array;

  export const numpy: {
    array(values: Float32Array, options: { shape: readonly number[] }): Array;
    zeros(shape: readonly number[]): Array;
    matmul(a: Array, b: Array): Array;
    power(base: number, exponent: Array): Array;
    sqrt: Unary;
    square: Unary;
    tanh: Unary;
  };
  export const nn: { relu: Unary; logSoftmax: Unary };
  export function init(device: string): Promise<string[]>;
  export function defaultDevice(device: string): void;
  export function jit<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => R;
  export function valueAndGrad<P, A extends unknown[]>(
    f: (parameters: P, ...args: A) => Array,
  ): (parameters: P, ...args: A) => [value: Array, gradient: P];
}

declare module "@tensorflow/tfjs-backend-webgpu";
declare module "@tensorflow/tfjs-core/dist/register_all_gradients";

declare module "@tensorflow/tfjs-core" {
  export interface Tensor {
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  type Loss = (targets: Tensor, outputs: Tensor) => Tensor;
  interface Optimizer {
    minimize(loss: () => Tensor, returnCost: true): Tensor;
  }

  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
  export function tensor(values: Float32Array, shape: readonly number[]): Tensor;
  export function variable(x: Tensor): Tensor;
  export function add(a: Tensor, b: Tensor): Tensor;
  export function matMul(a: Tensor, b: Tensor, turnA?: boolean, turnB?: boolean): Tensor;
  export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor;
  export function relu(x: Tensor): Tensor;
  export function tanh(x: Tensor): Tensor;
  export const losses: { softmaxCrossEntropy: Loss; meanSquaredError: Loss };
  export const train: {
    sgd(rate: number): Optimizer;
    adam(rate: number, beta1: number, beta2: number, epsilon: number): Optimizer;
  };
}
