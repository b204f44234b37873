import { checkInstance } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { mapTree } from "../base/tree.ts";
import { scalar } from "../graph/build.ts";
import { keepingHistory } from "../graph/history.ts";
import { withTensors } from "../graph/host-arrays.ts";
import { identity } from "../graph/identity.ts";
import { newestId, Tensor } from "../graph/tensor.ts";
import { scalarOf, type Gradient } from "./grad.ts";
import { gradientsOf } from "./gradients.ts";
import { tangentsOf, type Seed } from "./jvp.ts";
import { givenFor, mapAlong, type Along } from "./nesting.ts";

const WORDS = { op: "hvp", given: "v", of: "x" };

/**
 * ∇²f(x) · v for a scalar function f: the derivative of its gradient along v, forward mode over reverse mode, so at the
 * cost of about two gradients whatever the size of x, and no Hessian is ever there (Pearlmutter 1994).
 *
 * x is a tensor, or nested arrays and plain objects of them; v nests as x does and has its shapes, and so has the result.
 * In v, null stands for zeros of a tensor, or of all that is nested in it. Integers have no v but null, and null in the
 * result. What else f reaches is constant.
 * @param f a function that returns a scalar
 * @param x its argument: a tensor, or nested arrays and objects of them
 * @param v nested as x is, of its shapes
 * @returns ∇²f(x) v, nested as x is
 * @throws ShapeError where f returns no scalar, or v has another shape
 * @throws DtypeError where v is not float32
 * @throws ValueError where v nests otherwise than x
 * @throws GradientError where f depends on x only through ops without derivatives
 */
export function hvp<A>(f: (x: A) => Tensor, x: A, v: Along<A>): Gradient<A> {
  checkInstance("hvp", f, Function, "a function");
  return keepingHistory(() => {
    const oldest = newestId();
    const names = new Map<Tensor, string>();
    const seeds: Seed[] = [];
    const input = mapAlong(WORDS, withTensors(f, [x])[0], v, (leaf, t, path) => {
      const at = typeof leaf === "number" ? scalar(leaf) : leaf;
      if (!(at instanceof Tensor)) {
        if (t === null) return leaf;
        throw new ArgumentError(`hvp: x${path} is not a tensor, so its v is null`);
      }
      const tangent = t === null ? null : givenFor(WORDS, at, t, path);
      if (!isFloat(at.dtype)) return leaf;
      const own = identity(at);
      const name = `x${path}`;
      names.set(own, name);
      if (tangent) seeds.push({ x: own, tangent, name });
      return own;
    });
    const xs = [...names.keys()];
    const y = scalarOf("hvp", f(input as A));
    const gs = gradientsOf("hvp", y, xs, undefined, (x) => names.get(x)!);
    const found = tangentsOf("hvp", gs, seeds, oldest);
    const products = new Map(gs.map((g, i) => [xs[i], found.get(g)]));
    return mapTree(input, (leaf) => products.get(leaf as Tensor) ?? null) as Gradient<A>;
  });
}
