import { compile, einsum, init, iota, ones, tensor, validate, type Tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../../backends.ts";
import { randomOf } from "../../graphs/agreement.ts";
import { einsumByHand } from "./naive.ts";

/** Whole numbers from −3 to 3, whose products and sums are exact. */
function numbersOf(shape: readonly number[], seed: number) {
  const random = randomOf(seed);
  const size = shape.reduce((n, d) => n * d, 1);
  return Float32Array.from({ length: size }, () => Math.floor(random() * 7) - 3);
}

const LENGTHS: Record<string, number> = {
  a: 2,
  b: 3,
  c: 1,
  i: 4,
  j: 5,
  k: 3,
  l: 2,
  z: 0,
  A: 3,
  B: 2,
};

/** Subscripts, what they mean with all axes spelled out, and shapes where lengths are not those of the letters. */
const CASES: [subscripts: string, inputs: string, output: string, shapes?: number[][]][] = [
  ["ij,jk->ik", "ij,jk", "ik"],
  ["ij,jk", "ij,jk", "ik"],
  ["ji,jk", "ji,jk", "ik"],
  ["kj,ij", "kj,ij", "ik"],
  [" i j , j k -> k i ", "ij,jk", "ki"],
  ["bij,bjk->bik", "bij,bjk", "bik"],
  ["bij,ajk->abik", "bij,ajk", "abik"],
  ["bji,bjk->ikb", "bji,bjk", "ikb"],
  ["i,i->", "i,i", ""],
  ["i,i", "i,i", ""],
  ["i,j->ij", "i,j", "ij"],
  ["i,j->", "i,j", ""],
  ["ij,ij->i", "ij,ij", "i"],
  ["ij->ji", "ij", "ji"],
  ["ba", "ba", "ab"],
  ["ij->", "ij", ""],
  ["ij->j", "ij", "j"],
  ["ii", "ii", ""],
  ["ii->i", "ii", "i"],
  ["iij->ij", "iij", "ij"],
  ["ijij->ji", "ijij", "ji"],
  ["iii->i", "iii", "i"],
  ["bii,bij->bj", "bii,bij", "bj"],
  [",i->i", ",i", "i"],
  [",->", ",", ""],
  ["->", "", ""],
  ["Ab,bB", "Ab,bB", "AB"],
  ["ij,jk,kl->il", "ij,jk,kl", "il"],
  ["i,ij,j->", "i,ij,j", ""],
  ["ab,bi,ij,jk,kl->al", "ab,bi,ij,jk,kl", "al"],
  ["ij,ij,ij->ij", "ij,ij,ij", "ij"],
  ["zi,ij->zj", "zi,ij", "zj"],
  ["iz,zj->ij", "iz,zj", "ij"],
  ["ijk,jil->kl", "ijk,jil", "kl"],
  ["...i,...i->...", "ABi,ABi", "AB"],
  ["...i,...i", "ABi,Bi", "AB"],
  ["b...i,...ij", "bAi,Aij", "Abj"],
  ["...", "AB", "AB"],
  ["i...->...", "iAB", "AB"],
  ["i...j,j...->i...", "iABj,jAB", "iAB"],
  [
    "...ij,...jk->...ik",
    "ABij,ABjk",
    "ABik",
    [
      [1, 2, 4, 5],
      [3, 1, 5, 3],
    ],
  ],
  ["...ij,...jk->...ik", "ij,Bjk", "Bik"],
  [
    "ij,jk->ik",
    "ij,jk",
    "ik",
    [
      [2, 1],
      [3, 4],
    ],
  ],
  ["ij,j->i", "ij,j", "i", [[4, 5], [1]]],
];

describe.each(backends)("einsum on %s", (backend) => {
  test("is the sum over all places, as NumPy's notation means it", async () => {
    await init({ backend });
    for (const [n, [subscripts, spelled, output, shapes]] of CASES.entries()) {
      const inputs = spelled.split(",");
      const operands = inputs.map((letters, i) => {
        const shape = shapes?.[i] ?? letters.split("").map((l) => LENGTHS[l]);
        return { shape, data: numbersOf(shape, 10 * n + i) };
      });
      const expected = einsumByHand(inputs, output, operands);
      // On a GPU, where each is compiled, integers in every eighth case.
      const integers = backend === "cpu" || n % 8 === 0;
      for (const dtype of integers ? (["float32", "int32"] as const) : (["float32"] as const)) {
        const xs = operands.map(({ shape, data }) => tensor([...data], shape, { dtype }));
        const y = einsum(subscripts, ...xs);
        expect(y.shape, subscripts).toEqual(expected.shape);
        expect(y.dtype).toBe(dtype);
        const got = Array.from(await y.data(), (v) => v + 0);
        expect(got, subscripts).toEqual(expected.data.map((v) => v + 0));
      }
    }
  });

  test("is one matrix product where it can be, and copies nothing", async () => {
    await init({ backend });
    const dispatchesOf = (subscripts: string, ...shapes: number[][]) => {
      const f = compile((...xs: Tensor[]) => einsum(subscripts, ...xs));
      return f.plan(...shapes.map((s) => iota(s).cast("float32"))).dispatches;
    };
    if (backend === "cpu") return;
    for (const [subscripts, ...shapes] of [
      ["ij,jk->ik", [40, 50], [50, 60]],
      ["ji,kj->ik", [50, 40], [60, 50]],
      ["bij,bjk->bik", [4, 20, 30], [4, 30, 20]],
      ["...ij,jk->...ik", [4, 20, 30], [30, 20]],
    ] as [string, ...number[][]][]) {
      expect(dispatchesOf(subscripts, ...shapes).length, subscripts).toBe(1);
    }
    expect(dispatchesOf("ij,jk,kl->il", [40, 50], [50, 60], [60, 30]).length).toBe(2);
    const report = await validate(
      (x: Tensor) => einsum("...ij,kj->k...i", x, tensor([[1, 2, 3]])),
      iota([2, 3, 3]).cast("float32"),
    );
    expect(report.worst!.ulps).toBeLessThan(4);
  });

  test("sums nothing where no axis is summed over: what reads an outer product computes it", async () => {
    await init({ backend });
    if (backend === "cpu") return;
    const f = compile((a: Tensor, b: Tensor) => einsum("bi,bj->bij", a, b).sum(0));
    const { dispatches } = f.plan(ones([30, 4]), ones([30, 5]));
    expect(dispatches.map(({ shapes }) => shapes)).toEqual([[[4, 5]]]);
    expect(
      await f(ones([30, 4]), ones([30, 5]))
        .mean()
        .item(),
    ).toBe(30);
  });
});
