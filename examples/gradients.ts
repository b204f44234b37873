// node scripts/run.mjs examples/gradients.ts: derivatives of small functions in five ways, with the error and the cost of
// each, and the evaluation trace of one of them.
import { evaluationTrace, init } from "cotangent";
import { fiveWays, tableOf } from "./gradients/five-ways.ts";
import { ofThree, workedExamples } from "./gradients/worked.ts";

await init({ backend: "cpu" });
for (const worked of workedExamples()) {
  console.log(`${worked.name}\n${tableOf(await fiveWays(worked))}\n`);
}
console.log(String(evaluationTrace(ofThree, 1, 2, 3)));
