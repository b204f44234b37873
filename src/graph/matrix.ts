import { complex, div, sqrt, type Complex } from "../base/complex.ts";
import type { HostArray } from "../base/dtype.ts";
import type { ComplexArray } from "./op.ts";

/**
 * One matrix of a batch, of complex numbers or, where there is no imaginary part, of real ones: what the reference
 * eliminates rows of. It is a view of the batch.
 */
export class Matrix {
  readonly re: HostArray;
  readonly im: Float64Array | null;
  readonly columns: number;

  constructor({ re, im }: ComplexArray, index: number, rows: number, columns: number) {
    const ends = [index * rows * columns, (index + 1) * rows * columns] as const;
    this.re = re.subarray(...ends);
    this.im = im && im.subarray(...ends);
    this.columns = columns;
  }

  at(i: number, j: number): Complex {
    const place = i * this.columns + j;
    return complex(this.re[place], this.im ? this.im[place] : 0);
  }

  set(i: number, j: number, { re, im }: Complex): void {
    const place = i * this.columns + j;
    this.re[place] = re;
    if (this.im) this.im[place] = im;
  }

  rootAt(i: number, j: number): Complex {
    return sqrt(this.at(i, j));
  }

  /** Takes z times row k from row i, from a column on. */
  subtract(i: number, z: Complex, k: number, from = 0): void {
    const { re, im, columns } = this;
    const [row, other] = [i * columns, k * columns];
    for (let j = from; j < columns; j++) re[row + j] -= z.re * re[other + j];
    if (!im) return;
    for (let j = from; j < columns; j++) {
      re[row + j] += z.im * im[other + j];
      im[row + j] -= z.re * im[other + j] + z.im * re[other + j];
    }
  }

  /** Divides row i by z, from a column on. */
  divide(i: number, z: Complex, from = 0): void {
    for (let j = from; j < this.columns; j++) this.divideAt(i, j, z);
  }

  divideAt(i: number, j: number, z: Complex): void {
    this.set(i, j, div(this.at(i, j), z));
  }

  swapRows(i: number, k: number): void {
    if (i !== k) for (let j = 0; j < this.columns; j++) this.swap(i, j, k, j);
  }

  swapColumns(j: number, l: number): void {
    if (j !== l) for (let i = 0; i * this.columns < this.re.length; i++) this.swap(i, j, i, l);
  }

  private swap(i: number, j: number, k: number, l: number): void {
    const z = this.at(i, j);
    this.set(i, j, this.at(k, l));
    this.set(k, l, z);
  }
}

/** A copy of numbers, all float64. */
export const copyOf = ({ re, im }: ComplexArray): ComplexArray => ({
  re: Float64Array.from(re),
  im: im && im.slice(),
});
