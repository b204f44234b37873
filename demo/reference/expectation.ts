/** What a program of the tests is given as `expect`, here: any check may be asked for. */
export type Expect = (value: unknown) => unknown;

/** Writes a value; of a promise what comes of it, of what is to throw the error. */
function write(value: unknown, check: string): unknown {
  if (value instanceof Promise) return value.then(report, report);
  if (typeof value !== "function" || !check.startsWith("toThrow")) return report(value);
  try {
    return report(value());
  } catch (error) {
    return report(error);
  }
}

const report = (value: unknown) => console.log(value);

/** Whatever is read from it or called is such a check too, until one is called: it writes the value. */
const checks = (value: unknown, name = ""): unknown =>
  new Proxy(() => {}, {
    get: (_, next) => checks(value, String(next)),
    apply: () => write(value, name),
  });

/** `expect` writes what it is given: the tests compare it, and whoever reads has both before them. */
export const expectation: Expect = new Proxy(checks, {
  get: () => () => undefined,
});
