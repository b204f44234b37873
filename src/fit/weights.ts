import { isFloat, type TypedArray } from "../base/dtype.ts";
import { data } from "../graph/read.ts";
import type { Variable } from "../graph/variable.ts";
import { tensor } from "../ops/create.ts";

/** The values of some variables at one moment, kept on the host. */
export class Weights {
  readonly #variables: readonly Variable[];
  #values: TypedArray[] | null = null;

  constructor(variables: readonly Variable[]) {
    this.#variables = variables;
  }

  /** Keeps the values that they have now, in the device's precision. */
  async keep(): Promise<void> {
    this.#values = await Promise.all(
      this.#variables.map((v) => data(v, isFloat(v.dtype) ? { dtype: "float64" } : {})),
    );
  }

  /** Gives them back what was kept, if anything was. */
  restore(): void {
    this.#values?.forEach((values, i) => {
      const v = this.#variables[i];
      v.assign(tensor(values, v.shape, { dtype: v.dtype }));
    });
  }
}
