import { tensor } from "cotangent";
import { serve } from "../site/service.ts";
import type { Values } from "../site/settings.ts";
import type { Expression } from "./expression.ts";
import { differentiate, evaluate, formulaOf } from "./functions.ts";
import { layoutOf } from "./layout.ts";
import { approximations, errors, gradients, inputsAt, many, trace, type Formula } from "./model.ts";
import type { Answer, Answers, Question, Way } from "./protocol.ts";
import { cartographer } from "./race/map.ts";
import { expressionOf } from "./read.ts";
import type { fields } from "./settings.ts";

/** Places of a curve, and how far it goes to either side. */
const [places, reach] = [301, 3];
/** The largest difference of two gradients, of the size of the first. */
function distance(exact: readonly number[], other: ArrayLike<number>): number {
  const size = Math.max(...exact.map(Math.abs), Number.MIN_VALUE);
  return Math.max(...exact.map((v, i) => Math.abs(v - other[i]))) / size;
}

async function waysOf(e: Expression, f: Formula, at: readonly number[]): Promise<Way[]> {
  const exact = at.map((_, i) => evaluate(differentiate(e, i), at));
  const found = await approximations(f, at);
  const { nodes, cost } = trace(f, at);
  const [n, last] = [at.length, nodes.length - 1];
  const times = (count: number) =>
    count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
  return [
    { name: "by hand", error: 0, cost: `${n} formulas` },
    {
      name: "forward differences",
      error: distance(exact, found.forwardDifferences),
      cost: `f ${times(n + 1)}`,
    },
    {
      name: "central differences",
      error: distance(exact, found.centralDifferences),
      cost: `f ${times(2 * n)}`,
    },
    {
      name: "complex steps",
      error: distance(exact, found.complexSteps),
      cost: `f ${times(n)}, in complex numbers`,
    },
    {
      name: "forward mode",
      error: distance(exact, nodes[last].tangents),
      cost: `${cost.forward.operations} operations, ${cost.forward.kept} values kept`,
    },
    {
      name: "reverse mode",
      error: distance(
        exact,
        nodes.slice(0, n).map(({ adjoint }) => adjoint),
      ),
      cost: `${cost.reverse.operations} operations, ${cost.reverse.kept} values kept`,
    },
  ];
}

const asking: {
  [K in keyof Answers]: (e: Expression, q: Question) => Answers[K] | Promise<Answers[K]>;
} = {
  // Not in the page's own thread, which a formula of a hundred operations would stop for seconds.
  async trace(e, { at, isTall }) {
    const { nodes, cost } = trace(formulaOf(e), at);
    return { nodes, cost, layout: await layoutOf(nodes, isTall) };
  },
  errors: (e, { at }) => errors(formulaOf(e), at),
  ways: (e, { at }) => waysOf(e, formulaOf(e), at),
  async curve(e, { at, by }) {
    const xs = Float32Array.from(
      { length: places },
      (_, i) => at[by] + ((2 * i) / (places - 1) - 1) * reach,
    );
    const inputs = at.map((x, i) => tensor(i === by ? xs : new Float32Array(places).fill(x)));
    const f = formulaOf(e);
    const slopes = gradients(f, at.length)(...inputs)[by];
    return {
      xs,
      values: await f(...inputs).data<Float32Array>(),
      slopes: await slopes.data<Float32Array>(),
    };
  },
  async speed(e, { at }) {
    const inputs = inputsAt(at);
    const step = gradients(formulaOf(e), at.length);
    const run = async () => {
      const all = step(...inputs);
      // Reading a corner waits for all of it.
      await all[0].slice([0], [1]).data();
      all.forEach((each) => each.dispose());
    };
    for (let i = 0; i < 3; i++) await run();
    const start = performance.now();
    await run();
    return (1000 * many) / (performance.now() - start);
  },
};

serve<Values<typeof fields>, Question, Answer>((settings) => {
  let now = settings;
  const draw = cartographer();
  return {
    change(settings) {
      now = settings;
    },
    ask: (question) =>
      asking[question.kind](expressionOf(question.formula, question.at.length), question),
    paint(painter) {
      const { surface, tiltX, tiltY } = now;
      return draw(painter, { surface, tilt: [tiltX, tiltY] });
    },
  };
});
