/** What is pointed at: programs, and the operation or block of memory by which they are. */
export interface Pointed {
  /** The first is that whose source is shown. */
  programs: readonly number[];
  /** The number of an operation. */
  node?: number;
  /** The number of a block of memory. */
  block?: number;
}
