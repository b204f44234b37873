import { random } from "cotangent";
import { serve } from "../site/service.ts";
import { activations } from "./list.ts";
import { depths, derivatives } from "./model.ts";
import type { ActivationName, Answer, Question } from "./protocol.ts";

/** Places at once when speed is measured. */
const many = 2 ** 17;

serve<object, Question, Answer>(() => {
  const known = new Map<ActivationName, ReturnType<typeof derivatives>>();
  const derivativesOf = (name: ActivationName) => {
    const made = known.get(name) ?? derivatives(activations[name]);
    known.set(name, made);
    return made;
  };
  return {
    async ask(question) {
      const { activation } = question;
      switch (question.kind) {
        case "derivatives":
          return derivativesOf(activation)(question.xs).data<Float32Array>();
        case "depths":
          random.seed(1);
          return depths(activations[activation], question.init)().data<Float32Array>();
        case "speed": {
          const xs = Float32Array.from({ length: many }, (_, i) => (10 * i) / many - 5);
          const sums = derivativesOf(activation);
          const run = async () => {
            const y = sums(xs);
            // Reading a corner waits for all of it.
            await y.slice([0, 0], [1, 1]).data();
            y.dispose();
          };
          await run();
          const start = performance.now();
          await run();
          return Float32Array.of((1000 * many) / (performance.now() - start));
        }
      }
    },
  };
});
