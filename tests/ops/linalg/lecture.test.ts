import {
  compile,
  det,
  diagonal,
  einsum,
  eye,
  grad,
  hessian,
  init,
  inner,
  inverse,
  jacobian,
  jvp,
  kron,
  random,
  tensor,
  trace,
  vjp,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../../backends.ts";

// The rules of matrix differentials, as identities between what forward mode finds and what the rule says, at random
// matrices along random directions.

const m = (rows: number, columns: number) => random.normal([rows, columns]);
const transposed = (x: Tensor) => x.transpose();

/** A function of one or two matrices, and its differential by the rule. */
interface DifferentialRule {
  f: (x: Tensor, y: Tensor) => Tensor;
  rule: (x: Tensor, y: Tensor, dx: Tensor, dy: Tensor) => Tensor;
}

/** Constants; made anew for each backend. */
function rules(): Record<string, DifferentialRule> {
  const [a, b, square, vector] = [m(4, 3), m(3, 5), m(3, 3), random.normal([3])];
  const symmetric = square.add(transposed(square));
  const phi = (x: Tensor) => inner(x, x).add(1);
  const cofactors = (x: Tensor) => det(x).mul(transposed(inverse(x)));
  const column = (x: Tensor) => x.slice([0, 0], [3, 1]).squeeze();
  return {
    "d(αX) = α dX": { f: (x) => x.mul(2.5), rule: (_, __, dx) => dx.mul(2.5) },
    "d(AXB) = A dX B": {
      f: (x) => a.matmul(x).matmul(b),
      rule: (_, __, dx) => a.matmul(dx).matmul(b),
    },
    "d(X + Y) = dX + dY": { f: (x, y) => x.add(y), rule: (_, __, dx, dy) => dx.add(dy) },
    "d(Xᵀ) = (dX)ᵀ": { f: transposed, rule: (_, __, dx) => transposed(dx) },
    "d(XY) = dX Y + X dY": {
      f: (x, y) => x.matmul(y),
      rule: (x, y, dx, dy) => dx.matmul(y).add(x.matmul(dy)),
    },
    "d⟨X, Y⟩ = ⟨dX, Y⟩ + ⟨X, dY⟩": {
      f: inner,
      rule: (x, y, dx, dy) => inner(dx, y).add(inner(x, dy)),
    },
    "d(X/φ) = (φ dX − X dφ)/φ²": {
      f: (x, y) => x.div(phi(y)),
      rule: (x, y, dx, dy) =>
        phi(y)
          .mul(dx)
          .sub(x.mul(inner(y, dy).mul(2)))
          .div(phi(y).square()),
    },
    "d⟨A, X⟩ = ⟨A, dX⟩": { f: (x) => inner(square, x), rule: (_, __, dx) => inner(square, dx) },
    "d⟨Ax, x⟩ = ⟨(A + Aᵀ)x, dx⟩": {
      f: (x) => inner(square.matmul(column(x)), column(x)),
      rule: (x, _, dx) => inner(symmetric.matmul(column(x)), column(dx)),
    },
    "d⟨Ax, x⟩ = 2⟨Ax, dx⟩ for a symmetric A": {
      f: (x) => inner(symmetric.matmul(column(x)), column(x)),
      rule: (x, _, dx) => inner(symmetric.matmul(column(x)), column(dx)).mul(2),
    },
    "d det X = ⟨det(X) X⁻ᵀ, dX⟩": {
      f: (x) => det(x),
      rule: (x, _, dx) => inner(cofactors(x), dx),
    },
    "d(X⁻¹) = −X⁻¹ dX X⁻¹": {
      f: (x) => inverse(x),
      rule: (x, _, dx) => inverse(x).matmul(dx).matmul(inverse(x)).neg(),
    },
    "d tr X = tr dX": { f: (x) => trace(x), rule: (_, __, dx) => trace(dx) },
    "d(X ⊗ Y) = dX ⊗ Y + X ⊗ dY": {
      f: kron,
      rule: (x, y, dx, dy) => kron(dx, y).add(kron(x, dy)),
    },
    "d(Xv vᵀY) by einsum": {
      f: (x, y) => einsum("ij,j,k,kl->il", x, vector, vector, y),
      rule: (x, y, dx, dy) =>
        einsum("ij,j,k,kl->il", dx, vector, vector, y).add(
          einsum("ij,j,k,kl->il", x, vector, vector, dy),
        ),
    },
  };
}

/** The largest error of one tensor, relative to the largest element of another. */
const distance = async (got: Tensor, expected: Tensor) =>
  got.sub(expected).abs().max().div(expected.abs().max().add(1e-3)).item();

describe.each(backends)("matrix differentials on %s", (backend) => {
  const near = backend === "cpu" ? 1e-12 : 2e-5;

  beforeAll(async () => {
    await init({ backend });
    random.seed(11);
  });

  test(
    "each rule is what forward mode finds, and reverse mode is its adjoint",
    { timeout: 120_000 },
    async () => {
      const all = rules();
      const results = compile((x: Tensor, y: Tensor, dx: Tensor, dy: Tensor, seed: Tensor) =>
        Object.values(all).map(({ f, rule }) => {
          const [value, tangent] = jvp(f, [x, y], [dx, dy]);
          const weights = seed.slice([0], [value.size]).reshape(value.shape);
          const [, pull] = vjp(f, x, y);
          const [gx, gy] = pull(weights);
          const pulled = inner(gx, dx).add(inner(gy, dy));
          return [tangent, rule(x, y, dx, dy), pulled, inner(weights, tangent)];
        }),
      )(m(3, 3).add(eye(3).mul(3)), m(3, 3), m(3, 3), m(3, 3), random.normal([81]));
      for (const [i, [tangent, expected, pulled, adjoint]] of results.entries()) {
        const name = Object.keys(all)[i];
        expect(tangent.shape, name).toEqual(expected.shape);
        expect(await distance(tangent, expected), name).toBeLessThan(near);
        expect(await distance(pulled, adjoint), name).toBeLessThan(10 * near);
      }
    },
  );

  test("dA = 0: what is constant has no differential", async () => {
    const a = m(2, 2);
    const [value, tangent] = jvp((_x: Tensor) => a, [m(2, 2)], [m(2, 2)]);
    expect(await value.array()).toEqual(await a.array());
    expect([...(await tangent.data())]).toEqual([0, 0, 0, 0]);
  });

  test(
    "derivatives have the shapes of the result, then of the argument",
    { timeout: 120_000 },
    async () => {
      const primals = { scalar: tensor(0.7), vector: random.normal([3]), matrix: m(2, 3) };
      const from: Record<keyof typeof primals, (x: Tensor) => Tensor> = {
        scalar: (x) => x,
        vector: (x) => inner(x, tensor([1, 2, 3])),
        matrix: (x) => inner(x, tensor([[1, 2, 3], [4, 5, 6]])), // prettier-ignore
      };
      const to: Record<string, [shape: number[], (s: Tensor) => Tensor]> = {
        scalar: [[], (s) => s.sin()],
        vector: [[2], (s) => s.sin().mul(tensor([1, 2]))],
        matrix: [[2, 2], (s) => s.sin().mul(tensor([[1, 2], [3, 4]]))], // prettier-ignore
      };
      for (const [kind, x] of Object.entries(primals)) {
        const inside = from[kind as keyof typeof primals];
        for (const [result, [shape, outside]] of Object.entries(to)) {
          const f = (y: Tensor) => outside(inside(y));
          const j = jacobian(f)(x);
          expect(j.shape, `${kind} to ${result}`).toEqual([...shape, ...x.shape]);
          // df = f′(x) dx, summed over the axes of the argument.
          const dx = random.normal(x.shape);
          const along = j.mul(dx).sum(x.shape.map((_, axis) => shape.length + axis));
          expect(await distance(along, jvp(f, [x], [dx])[1]), `${kind} to ${result}`).toBeLessThan(
            near,
          );
          if (result === "scalar") {
            expect(grad(f)(x).shape).toEqual(x.shape);
            expect(hessian(f)(x).shape).toEqual([...x.shape, ...x.shape]);
          }
        }
      }
    },
  );

  test(
    "the second differential is h₁ᵀ ∇²f h₂, with two directions, in either order",
    { timeout: 120_000 },
    async () => {
      const a = m(3, 3);
      const functions: Record<string, (x: Tensor) => Tensor> = {
        "ln det(XᵀX + I)": (x) => det(x.matmul(x, { transposeA: true }).add(eye(3))).log(),
        "tr(A X⁻¹)": (x) => trace(a.matmul(inverse(x))),
        "‖x‖³ of the diagonal": (x) => diagonal(x).square().sum().pow(1.5),
      };
      const [x, h1, h2] = [m(3, 3).add(eye(3).mul(3)), m(3, 3), m(3, 3)];
      for (const [name, f] of Object.entries(functions)) {
        const first = (h: Tensor) => (y: Tensor) => jvp(f, [y], [h])[1];
        const [, second] = jvp(first(h1), [x], [h2]);
        const [, swapped] = jvp(first(h2), [x], [h1]);
        const form = einsum("ij,ijkl,kl->", h1, hessian(f)(x), h2);
        expect(second.shape, name).toEqual([]);
        expect(await distance(second, form), name).toBeLessThan(10 * near);
        expect(await distance(swapped, form), name).toBeLessThan(10 * near);
      }
    },
  );
});
