import { checkInstance } from "../base/describe-value.ts";
import { watchPasses } from "../plan/passes.ts";
import { PassPrinter } from "../plan/print-passes.ts";
import { verifyPass } from "../plan/verify/index.ts";

/**
 * What each pass of the compiler makes of the programs that are planned while `fn` runs, as text, and verified:
 *
 *     console.log(explainPasses(() => step.explain(x, y)));
 *
 * Only what is planned for the first time is: nothing on the reference, nor of a step that has run with such arguments.
 * @param fn a compiled function that was called
 * @returns a text for each pass
 */
export function explainPasses(fn: () => unknown): string {
  checkInstance("explainPasses", fn, Function, "a function that calls a compiled one");
  const texts: string[] = [];
  let printer = new PassPrinter();
  const outer = watchPasses((pass, made) => {
    if (pass === "lower") printer = new PassPrinter();
    texts.push(printer.print(pass, made));
    verifyPass(pass, made);
  });
  try {
    fn();
  } finally {
    watchPasses(outer);
  }
  return texts.join("\n");
}
