import { describe, expect, test } from "vitest";
import { type DeclaredBinding, declareBinding, link } from "../../../src/base/link.ts";
import {
  type MatmulProblem,
  chooseFamily,
  loadKind,
  matmulKernel,
  plainStore,
  quickFamily,
} from "../../../src/backends/webgpu/kernels/matmul-families.ts";
import { host } from "../../host.ts";
import { hasSubgroups, info, read, run, storage } from "./gpu.ts";

const { vendor, architecture, subgroupMinSize, subgroupMaxSize } = info;
const adapter = {
  software: true,
  vendor,
  architecture,
  hasSubgroups,
  subgroupMinSize,
  subgroupMaxSize,
};
const quads = hasSubgroups && subgroupMinSize === 4 && subgroupMaxSize === 4;
const families = quads
  ? (["elements", "fours", "terms", "quad", "registers", "slices", "tiles"] as const)
  : (["elements", "fours", "terms", "registers", "slices", "tiles"] as const);
const byElement = ["elements", "fours", "terms"];

await Promise.all([loadKind("cpus"), loadKind("gpus")]);

type Orientation = "NN" | "NT" | "TN" | "TT";
const orientations: Orientation[] = ["NN", "NT", "TN", "TT"];

function problem(m: number, n: number, k: number, orientation: Orientation): MatmulProblem {
  const [a, b] = orientation;
  const transposeA = a === "T";
  const transposeB = b === "T";
  return { batch: 1, m, n, k, transposeA, transposeB, batchA: "batch", batchB: "batch" };
}

/** Numbers in [-1, 1), the same each time. */
function operand(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    return state / 2 ** 31 - 1;
  });
}

interface Operands {
  a: Float32Array;
  b: Float32Array;
  /** Which matrices make matrix `batch` of C; mirrors batchA and batchB of the problem. */
  matrixA?: (batch: number) => number;
  matrixB?: (batch: number) => number;
}

/** C in float64, and how far from it float32 may be. */
function reference(
  { batch, m, n, k, transposeA, transposeB }: MatmulProblem,
  { a, b, matrixA = (batch) => batch, matrixB = (batch) => batch }: Operands,
) {
  const c = new Float64Array(batch * m * n);
  const tolerance = new Float64Array(batch * m * n);
  for (let i = 0; i < c.length; i++) {
    const z = Math.floor(i / (m * n));
    const row = Math.floor(i / n) % m;
    const col = i % n;
    const startA = matrixA(z) * m * k;
    const startB = matrixB(z) * k * n;
    let squares = 0;
    for (let u = 0; u < k; u++) {
      const x = a[startA + (transposeA ? u * m + row : row * k + u)];
      const y = b[startB + (transposeB ? col * k + u : u * n + col)];
      c[i] += x * y;
      squares += (x * y) ** 2;
    }
    // Rounding errors of partial sums, which grow like √k · √Σ(xy)², at 2⁻²⁴ each; 4 for outliers.
    tolerance[i] = 4 * 2 ** -24 * Math.sqrt(k) * Math.sqrt(squares);
  }
  return { c, tolerance };
}

/** The first number that is too far off, as text; "" if there is none. */
function mismatch(actual: Float32Array, { c, tolerance }: ReturnType<typeof reference>): string {
  const i = c.findIndex((value, i) => !(Math.abs(value - actual[i]) <= tolerance[i]));
  return i < 0 ? "" : `element ${i} is ${actual[i]}, not ${c[i]} ± ${tolerance[i]}`;
}

const margin = 64; // poisoned numbers behind an operand; canaries behind the result

/** The data, and behind it, in the same binding, what must not get into the result. */
function poisoned(data: Float32Array): Float32Array {
  const poison = [NaN, Infinity, -Infinity];
  const all = Float32Array.from({ length: data.length + margin }, (_, i) => poison[i % 3]);
  all.set(data);
  return all;
}

const canary = 1234.5;

/** What a kernel with the plain epilogue computes, and in the same buffer what lies behind that. */
async function compute(
  problem: MatmulProblem,
  family: (typeof families)[number],
  operands: Operands,
  gridX?: number,
): Promise<Float32Array> {
  const kernel = matmulKernel(problem, adapter, family);
  const plain = plainStore(kernel);
  const set = { ...kernel.set, ...plain.set, ...(gridX && { GRID_X: gridX }) };
  const code = link(kernel.wgsl, set, {
    c: { index: 0, access: "read_write", type: plain.element },
    a: { index: 1, access: "read", type: kernel.elements.a },
    b: { index: 2, access: "read", type: kernel.elements.b },
  });
  const size = problem.batch * problem.m * problem.n;
  const c = storage(new Float32Array(size + margin).fill(canary));
  const buffers = [c, storage(poisoned(operands.a)), storage(poisoned(operands.b))];
  await run(code, buffers, kernel.workgroups, gridX);
  const result = await read(c);
  for (const buffer of buffers) buffer.destroy();
  return result;
}

const anyOperands = ({ batch, m, n, k }: MatmulProblem): Operands => ({
  a: operand(batch * m * k, 1),
  b: operand(batch * k * n, 2),
});

/** Runs a kernel with the plain epilogue and checks the result, and that nothing else is written. */
async function check(
  problem: MatmulProblem,
  family: (typeof families)[number],
  operands = anyOperands(problem),
  gridX?: number,
) {
  const size = problem.batch * problem.m * problem.n;
  const result = await compute(problem, family, operands, gridX);
  expect(mismatch(result, reference(problem, operands))).toBe("");
  expect(result.slice(size, size + margin).every((value) => value === canary)).toBe(true);
}

// Sides below and above the tiles (4, 16, 64), multiples of 4 and not, primes, powers of two.
const shapes: [m: number, n: number, k: number][] = [
  [17, 31, 7],
  [20, 68, 36],
  [64, 64, 16],
  [127, 65, 64],
];
const rest: [m: number, n: number, k: number, orientation: Orientation][] = [
  [1, 1, 1, "NN"],
  [2, 3, 5, "TN"],
  [1, 127, 64, "TT"],
  [65, 1, 17, "TN"],
  [16, 3, 1, "NT"],
  [7, 5, 127, "TT"],
  [64, 100, 2, "TN"],
  [784, 64, 256, "TN"],
  [1, 24, 9, "NN"],
  [24, 1, 12, "NT"],
];

describe.each(families)("%s", (family) => {
  // Lavapipe takes long to compile some, SwiftShader seconds where there is workgroup memory: of every few cases one, which
  // gives each shape another orientation. Chromium's driver is SwiftShader, too.
  const isShared = ["slices", "tiles"].includes(family);
  const isSlow = isShared && host !== "node";
  const step = {
    node: vendor !== "mesa" ? 1 : isShared ? 2 : 5,
    swiftshader: isSlow ? 26 : 3,
    chromium: isSlow ? 26 : 7,
  }[host];
  const cases = [
    ...shapes.flatMap((shape) => orientations.map((o) => [...shape, o] as const)),
    ...rest,
  ].filter((_, i) => i % step === 0);

  test.each(cases)("%i × %i from %i terms, %s", (m, n, k, orientation) =>
    check(problem(m, n, k, orientation), family),
  );

  if (!isSlow) {
    test("batches share matrices of the operands", async () => {
      const shared = { ...problem(5, 18, 9, "NT"), batch: 3, batchA: "0u", batchB: "batch % 2u" };
      await check(shared, family, {
        a: operand(5 * 9, 1),
        b: operand(2 * 18 * 9, 2),
        matrixA: () => 0,
        matrixB: (batch) => batch % 2,
      });
    });

    // The kernels take four terms at a time, and one operand's 0 does not undo the other's ∞.
    test("infinite numbers in the last of three terms do not become NaN", async () => {
      const a = operand(5 * 3, 1);
      const b = operand(3 * 6, 2);
      a[4 * 3 + 2] = Infinity; // in row 4 the last term is all that counts
      b[2 * 6] = Infinity; // and in column 0
      const narrow = problem(5, 6, 3, "NN");
      const kernel = matmulKernel(narrow, adapter, family);
      const code = link(
        kernel.wgsl,
        { ...kernel.set, ...plainStore(kernel).set },
        {
          a: { index: 1, access: "read", type: kernel.elements.a },
          b: { index: 2, access: "read", type: kernel.elements.b },
        },
      );
      const c = storage(new Float32Array(5 * 6));
      await run(code, [c, storage(a), storage(b)], kernel.workgroups);
      const result = await read(c);
      const infinite = (i: number) =>
        Math.sign(a[Math.floor(i / 6) * 3 + 2] * b[12 + (i % 6)]) * Infinity;
      for (const i of [0, 6, 12, 18, 24, 25, 26, 27, 28, 29]) expect(result[i]).toBe(infinite(i));
    });
  }

  if (!isSlow || host === "swiftshader") {
    // 18 × 32 blocks of each matrix: none is missing in the last workgroup of those that take 64.
    test("workgroups in several rows, some of them surplus", async () => {
      await check({ ...problem(70, 126, 8, "NN"), batch: 2 }, family, undefined, 7);
    });
  }

  // These would clear their workgroup memory for every matrix: half a minute on SwiftShader.
  if (!isShared) {
    test("more workgroups than fit along x", async () => {
      await check({ ...problem(1, 1, 1, "NN"), batch: 2 * 65_537 }, family);
    });
  }

  const widths = isSlow && host === "chromium" ? [8] : [8, 6];
  test.each(widths)("an epilogue reads a bias and writes two outputs, %i columns", async (n) => {
    const fused = { ...problem(18, n, 12, "NN"), batch: 2 };
    const kernel = matmulKernel(fused, adapter, family);
    expect(kernel.quads).toBe(n % 4 === 0 && !byElement.includes(family));
    const i = "((batch * M + row) * N + col)";
    const [a, b, bias] = [operand(2 * 18 * 12, 1), operand(2 * 12 * n, 2), operand(n, 3)];
    const fixed = (data: Float32Array, type: string): Omit<DeclaredBinding, "index"> => ({
      access: "read_write",
      type,
      length: type === "f32" ? data.length : data.length / 4,
    });
    const code = link(
      kernel.wgsl,
      {
        ...kernel.set,
        store: `c[${i}] = max(value + bias[col], 0); d[${i}] = value;`,
        // The vector form writes d for every fourth column alone, so the test sees which one is used.
        ...(kernel.quads && {
          store4: `for (var j = 0u; j < 4; j++) { c[${i} + j] = max(value[j] + bias[col + j], 0); } d[${i} / 4 * 4] = value.x;`,
        }),
      },
      {
        a: { index: 1, ...fixed(a, kernel.elements.a) },
        b: { index: 2, ...fixed(b, kernel.elements.b) },
      },
    );
    const declared = [
      declareBinding("bias", { index: 3, access: "read", type: "f32" }),
      declareBinding("d", { index: 4, access: "read_write", type: "f32" }),
    ];
    const c = storage(new Float32Array(2 * 18 * n));
    const d = storage(new Float32Array(2 * 18 * n));
    const whole = [code, ...declared].join("\n");
    await run(whole, [c, storage(a), storage(b), storage(bias), d], kernel.workgroups);

    const product = reference(fused, { a, b });
    const relu = product.c.map((value, i) => Math.max(value + bias[i % n], 0));
    // One more rounding, of a sum that is at most as large as its terms.
    const tolerance = product.tolerance.map((t, i) => t + 2 ** -24 * (1 + Math.abs(product.c[i])));
    expect(mismatch(await read(c), { c: relu, tolerance })).toBe("");
    const plain = product.c.map((value, i) => (kernel.quads && i % 4 !== 0 ? 0 : value));
    expect(mismatch(await read(d), { ...product, c: plain })).toBe("");
  });
});

// A run must not differ from another that had its fast kernels from the start.
const alike = [["elements", "terms"], ...(quads ? [["fours", "registers", "quad"]] : [])] as [
  (typeof families)[number],
  ...(typeof families)[number][],
][];
test.each(alike)("%s adds in the same order as %s", async (first, ...others) => {
  const cases = [...shapes.flatMap((s) => orientations.map((o) => [...s, o] as const)), ...rest];
  for (const [m, n, k, orientation] of cases) {
    const asked = { ...problem(m, n, k, orientation), batch: m * n < 400 ? 3 : 1 };
    const bits = new Uint8Array((await compute(asked, first, anyOperands(asked))).buffer);
    for (const family of others) {
      const own = new Uint8Array((await compute(asked, family, anyOperands(asked))).buffer);
      const differs = bits.findIndex((byte, i) => byte !== own[i]);
      expect([m, n, k, orientation, family, differs]).toEqual([m, n, k, orientation, family, -1]);
    }
  }
});

describe("the choice of a family", () => {
  const gpu = (vendor: string, architecture = "") => ({
    software: false,
    vendor,
    architecture,
    hasSubgroups: true,
    subgroupMinSize: 32,
    subgroupMaxSize: 32,
  });
  const software = {
    ...gpu("google", "swiftshader"),
    software: true,
    subgroupMinSize: 4,
    subgroupMaxSize: 4,
  };

  test("quads where subgroups are quads, and tiles are at least half full", () => {
    expect(chooseFamily(problem(64, 256, 784, "NN"), software)).toBe("quad");
    expect(chooseFamily(problem(256, 10, 128, "NN"), software)).toBe("quad");
    expect(chooseFamily(problem(8, 256, 784, "NN"), software)).toBe("quad");
    expect(chooseFamily(problem(4, 256, 784, "NN"), software)).toBe("registers");
    const none = { ...software, hasSubgroups: false };
    expect(chooseFamily(problem(64, 256, 784, "NN"), none)).toBe("registers");
  });

  test("what compiles fastest for small products where shaders run on a CPU", () => {
    const [least, most] = [problem(64, 1, 16, "NN"), problem(64, 32, 64, "NN")];
    expect(chooseFamily(least, software)).toBe("elements");
    expect(chooseFamily({ ...least, k: 32 }, software)).toBe("elements");
    expect(chooseFamily({ ...least, k: 33 }, software)).toBe("terms");
    expect(chooseFamily(most, software)).toBe("terms");
    expect(chooseFamily({ ...most, batch: 2 }, software)).toBe("quad");
    expect(chooseFamily({ ...most, k: 65 }, software)).toBe("quad");
    expect(chooseFamily(least, gpu("nvidia"))).toBe("slices");
    expect(chooseFamily(least, gpu("apple"))).toBe("registers");
    const gathered = { body: "", element: "f32" as const };
    expect(chooseFamily({ ...most, gatherA: gathered }, software)).toBe("quad");
    expect(chooseFamily({ ...least, gatherB: gathered }, software)).toBe("registers");
  });

  test("where shaders run on a CPU the first runs have what compiles sooner and adds alike", () => {
    expect(quickFamily(problem(64, 1, 16, "NN"), software)).toBe("elements");
    expect(quickFamily(problem(64, 32, 64, "NN"), software)).toBe("elements");
    expect(quickFamily(problem(64, 64, 100, "NN"), software)).toBe("fours");
    expect(quickFamily(problem(64, 128, 128, "NN"), software)).toBe("fours");
    expect(quickFamily(problem(64, 128, 129, "NN"), software)).toBe("quad");
    expect(quickFamily(problem(1, 512, 512, "NN"), software)).toBe("registers");
    expect(quickFamily(problem(64, 256, 784, "NN"), software)).toBe("quad");
    // Which order a driver of no quads adds in is not known.
    const none = { ...software, hasSubgroups: false };
    expect(quickFamily(problem(64, 64, 100, "NN"), none)).toBe("registers");
    const gathered = { body: "", element: "f32" as const };
    expect(quickFamily({ ...problem(64, 64, 100, "NN"), gatherA: gathered }, software)).toBe(
      "quad",
    );
    for (const [m, n, k] of shapes) {
      const choice = { m, n, k };
      expect(quickFamily(choice, gpu("nvidia"))).toBe(chooseFamily(choice, gpu("nvidia")));
    }
  });

  test("tiles for large products on discrete GPUs, shared sums for narrow ones", () => {
    for (const adapter of [gpu("nvidia"), gpu("amd"), gpu("intel", "xe-2hpg")]) {
      expect(chooseFamily(problem(1024, 1024, 1024, "NN"), adapter)).toBe("tiles");
      expect(chooseFamily({ ...problem(64, 64, 64, "NN"), batch: 128 }, adapter)).toBe("tiles");
      expect(chooseFamily(problem(64, 256, 784, "NN"), adapter)).toBe("slices");
      expect(chooseFamily(problem(1, 256, 784, "NN"), adapter)).toBe("slices");
      expect(chooseFamily(problem(64, 256, 8, "NN"), adapter)).toBe("registers");
      expect(chooseFamily(problem(65_536, 32, 784, "NN"), adapter)).toBe("registers");
    }
    for (const adapter of [gpu("apple"), gpu("intel", "xe-lpg"), gpu("arm"), gpu("")])
      expect(chooseFamily(problem(64, 256, 784, "NN"), adapter)).toBe("registers");
  });
});
