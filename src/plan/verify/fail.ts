/** Says what is wrong with what a pass has made. */
export function fail(message: string): never {
  throw new Error(message);
}
