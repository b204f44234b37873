import type { TypedArray } from "./base/dtype.ts";
import type { GpuRange } from "./graph/backend.ts";
import {
  array,
  data,
  gpuBuffer,
  item,
  type DataOf,
  type DataOptions,
  type Nested,
} from "./graph/read.ts";
import { Tensor } from "./graph/tensor.ts";
import * as elementwise from "./ops/fluent.ts";
import { formatTensor } from "./inspect/print.ts";

type Fluent = typeof elementwise;

/** Every op whose first operand is a tensor is a method as well: x.matmul(w) is matmul(x, w). */
type Methods = {
  [K in keyof Fluent]: Fluent[K] extends (x: infer X, ...rest: infer R) => infer T
    ? Tensor extends X
      ? (...rest: R) => T
      : never
    : never;
};

declare module "./graph/tensor.ts" {
  interface Tensor extends Methods {
    /** The elements in row-major order, once they are computed, as a typed array of the user's own. */
    data<T extends TypedArray = DataOf>(options?: DataOptions): Promise<T>;
    /** The elements nested as deep as the rank. */
    array(): Promise<Nested>;
    /** The one element of a tensor that has just one. */
    item(): Promise<number>;
    /** Where the value lies in GPU memory; it stays there until the tensor is disposed. A DeviceError on cpu. */
    gpuBuffer(): Promise<GpuRange>;
    /** Writes the values to the console. */
    print(): Promise<void>;
  }
}

async function print(x: Tensor): Promise<void> {
  await data(x);
  console.log(formatTensor(x));
}

function install(name: PropertyKey, f: (x: Tensor, ...rest: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: never[]) {
      return f(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}

const reading = { data, array, item, gpuBuffer, print, toString: formatTensor };
for (const [name, f] of Object.entries({ ...elementwise, ...reading })) {
  install(name, f);
}
// What Node's console.log shows.
install(Symbol.for("nodejs.util.inspect.custom"), formatTensor);
