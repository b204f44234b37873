import { describe, expect, test } from "vitest";
import { normalFromBits, permute, threefry, uniformFromBits } from "../../src/base/threefry.ts";
import * as real from "../../src/base/special.ts";
import { info, run, storage } from "../backends/webgpu/gpu.ts";
import { host } from "../host.ts";
import { declaredIn, evaluate, files, filesUsedBy, withFunctions } from "./harness.ts";
import { floats, pairs, sampled, ulp } from "./samples.ts";

describe("the files of shaders/functions", () => {
  test("declare each name once", () => {
    const names = [...files.values()].flatMap(declaredIn);
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  test.each([...files])("%s names the files that it uses in its first line", (file, code) => {
    const first = /^\/\/ uses: (.*)$/m.exec(code.split("\n", 1)[0]);
    expect(first ? first[1].split(", ") : []).toEqual(filesUsedBy(code).filter((f) => f !== file));
  });
});

interface Case {
  f: (x: number) => number;
  slope: (x: number) => number;
  /** The worst error, in ulps, where the result is a normal number; Infinity if it has no such bound. */
  ulps: number;
  /** For which |x| (default: all). */
  upTo?: number;
  expression?: string;
}

const sech2 = (x: number) => 1 / Math.cosh(x) ** 2;
const phi = real.normalPdf;
const cubic = (x: number) => Math.sqrt(8 / Math.PI) * (x + 0.044715 * x ** 3);
const cubicSlope = (x: number) => Math.sqrt(8 / Math.PI) * (1 + 3 * 0.044715 * x * x);
const sigmoidSlope = (x: number) => real.sigmoid(x) * real.sigmoid(-x);

/** x tanh(log(1 + e)) = x n/(n + 2), n = e² + 2e, e = eˣ, which does not cancel. */
function mish(x: number): number {
  const e = Math.exp(Math.min(x, 300));
  return (x * (e * (e + 2))) / (e * (e + 2) + 2);
}

function mishSlope(x: number): number {
  const t = Math.tanh(real.softplus(x));
  return t + x * (1 - t * t) * real.sigmoid(x);
}

const CASES: Record<string, Case> = {
  expf: { f: Math.exp, slope: Math.exp, ulps: 1 },
  exp2f: { f: (x) => 2 ** x, slope: (x) => Math.LN2 * 2 ** x, ulps: 1 },
  expm1: { f: Math.expm1, slope: Math.exp, ulps: 1.4 },
  logf: { f: Math.log, slope: (x) => 1 / x, ulps: 0.9 },
  log2f: { f: Math.log2, slope: (x) => 1 / (x * Math.LN2), ulps: 1.7 },
  log1p: { f: Math.log1p, slope: (x) => 1 / (1 + x), ulps: 2.5 },
  sinf: { f: Math.sin, slope: Math.cos, ulps: 1.5, upTo: 100 },
  cosf: { f: Math.cos, slope: Math.sin, ulps: 1.5, upTo: 100 },
  tanf: { f: Math.tan, slope: (x) => 1 / Math.cos(x) ** 2, ulps: 3.3, upTo: 100 },
  sinhf: { f: Math.sinh, slope: Math.cosh, ulps: 2.1 },
  coshf: { f: Math.cosh, slope: Math.sinh, ulps: 1.6 },
  tanhf: { f: Math.tanh, slope: sech2, ulps: 2.3 },
  sechf: { f: (x) => 1 / Math.cosh(x), slope: (x) => -Math.tanh(x) / Math.cosh(x), ulps: 2.1 },
  asinf: { f: Math.asin, slope: (x) => 1 / Math.sqrt(1 - x * x), ulps: 2.4 },
  acosf: { f: Math.acos, slope: (x) => 1 / Math.sqrt(1 - x * x), ulps: 1.3 },
  atanf: { f: Math.atan, slope: (x) => 1 / (1 + x * x), ulps: 2.6 },
  asinhf: { f: Math.asinh, slope: (x) => 1 / Math.sqrt(1 + x * x), ulps: 2.7 },
  acoshf: { f: Math.acosh, slope: (x) => 1 / Math.sqrt(x * x - 1), ulps: 2.8 },
  atanhf: { f: Math.atanh, slope: (x) => 1 / (1 - x * x), ulps: 3.3 },
  erff: { f: real.erf, slope: (x) => Math.SQRT2 * 2 * phi(Math.SQRT2 * x), ulps: 1.2 },
  erfcf: { f: real.erfc, slope: (x) => Math.SQRT2 * 2 * phi(Math.SQRT2 * x), ulps: 4 },
  sigmoidf: { f: real.sigmoid, slope: sigmoidSlope, ulps: 2.4 },
  softplusf: { f: real.softplus, slope: real.sigmoid, ulps: 1.8 },
  logSigmoidf: { f: real.logSigmoid, slope: (x) => real.sigmoid(-x), ulps: 1.8 },
  silu: {
    f: (x) => x * real.sigmoid(x),
    slope: (x) => real.sigmoid(x) + x * sigmoidSlope(x),
    ulps: 2.1,
    expression: "sigmoidTimes(x, x)",
  },
  swish: {
    f: (x) => x * real.sigmoid(x / 1024),
    slope: (x) => real.sigmoid(x / 1024) + (x / 1024) * sigmoidSlope(x / 1024),
    ulps: 2.1,
    expression: "swishf(x, x * 0x1p-10)",
  },
  mishf: { f: mish, slope: mishSlope, ulps: 3.5 },
  geluf: {
    f: (x) => x * real.normalCdf(x),
    slope: (x) => real.normalCdf(x) + x * phi(x),
    ulps: 6,
  },
  geluTanhf: {
    f: (x) => x * real.sigmoid(cubic(x)),
    slope: (x) => real.sigmoid(cubic(x)) + x * sigmoidSlope(cubic(x)) * cubicSlope(x),
    ulps: Infinity, // the rounding of the cubic is magnified by |x|³ in the lower tail
  },
  elu: {
    f: (x) => (x > 0 ? x : 0.7 * Math.expm1(x)),
    slope: (x) => (x > 0 ? 1 : 0.7 * Math.exp(x)),
    ulps: 1.8,
    expression: "select(0.7 * expm1(x), x, x > 0.0)",
  },
  signf: { f: Math.sign, slope: () => 0, ulps: 0 },
  sinc: { f: real.sinc, slope: (x) => real.sincDerivative(1, x), ulps: 2.1, upTo: 100 },
  ...Object.fromEntries(
    [1, 2, 3, 5, 8].map((n) => [
      `sincDerivative ${n}`,
      {
        f: (x: number) => real.sincDerivative(n, x),
        slope: (x: number) => real.sincDerivative(n + 1, x),
        ulps: Infinity, // near its zeros
        expression: `sincDerivative(${n}u, x)`,
      },
    ]),
  ),
  // Built-in functions that are good enough to be used as they are.
  sqrt: { f: Math.sqrt, slope: (x) => 0.5 / Math.sqrt(x), ulps: 1 },
  inverseSqrt: { f: (x) => 1 / Math.sqrt(x), slope: (x) => -0.5 * x ** -1.5, ulps: 2.1 },
  "1 / x": { f: (x) => 1 / x, slope: (x) => -1 / (x * x), ulps: 1, expression: "1.0 / x" },
  round: { f: roundHalfEven, slope: () => 0, ulps: 0 },
};

function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

// sqrt, division and round of subnormal numbers are the driver's affair.
const BUILT_IN = ["sqrt", "inverseSqrt", "1 / x", "round"];

/** WGSL lets other devices divide with an error of 2.5 ulps, so the stated bounds hold for these. */
const dividesExactly = ["google", "mesa"].includes(info.vendor);

/** What is wrong with a result, or null: beside infinities and NaN, the error a careful kernel can keep. */
function complaint(x: number, got: number, y: number, slope: number): string | null {
  const report = `f(${x}) = ${got}, not ${y}`;
  if (Number.isNaN(y)) return Number.isNaN(got) ? null : report;
  if (Math.abs(Math.fround(y)) === Infinity) return got === Math.fround(y) ? null : report;
  const slack = Number.isFinite(x * slope) ? Math.abs(x * slope) : 0;
  // 1.2e-38: the smallest normal number, as subnormal arguments and results may be flushed.
  const flushed = 1.2e-38 * Math.max(1, Number.isFinite(slope) ? Math.abs(slope) : 1);
  const tolerance = 4 * 2 ** -24 * (Math.abs(y) + slack) + flushed;
  return Math.abs(got - y) <= tolerance ? null : report;
}

describe.each(Object.entries(CASES))(
  "%s",
  (name, { f, slope, ulps, upTo = Infinity, expression }) => {
    test("is right to 4·2⁻²⁴ (|y| + |x y′|), and to its ulps", async () => {
      const xs = BUILT_IN.includes(name)
        ? sampled.filter((x) => !(Math.abs(x) < 2 ** -126))
        : sampled;
      const got = await evaluate(expression ?? `${name}(x)`, xs);
      const complaints: string[] = [];
      let worst = 0;
      xs.forEach((x, i) => {
        const y = f(x);
        const wrong = complaint(x, got[i], y, slope(x));
        if (wrong) complaints.push(wrong);
        // From 1e-36 on no term of a sum is subnormal.
        else if (Math.abs(y) > 1e-36 && Math.abs(y) < 3.4e38 && Math.abs(x) <= upTo)
          worst = Math.max(worst, Math.abs(got[i] - y) / ulp(y));
      });
      expect(complaints.slice(0, 10)).toEqual([]);
      if (dividesExactly) expect(worst).toBeLessThanOrEqual(ulps);
    });
  },
);

/** The largest error of an expression in x, in ulps. */
async function worstUlps(expression: string, f: (x: number) => number, xs: Iterable<number>) {
  const inputs = floats(xs);
  const got = await evaluate(expression, inputs);
  return got.reduce((worst, y, i) => {
    const want = f(inputs[i]);
    if (Math.abs(want) < 2 ** -126) return worst; // may be flushed
    return Math.max(worst, Math.abs(y - want) / ulp(want));
  }, 0);
}

/** Numbers from a to b, 5000 of them. */
const between = (a: number, b: number) =>
  Array.from({ length: 5000 }, (_, i) => a + ((b - a) * i) / 4999);

describe("trigonometric functions of large arguments", () => {
  test.each([
    ["sinf(x)", Math.sin, 2.5],
    ["cosf(x)", Math.cos, 2.5],
    ["tanf(x)", Math.tan, 4],
    ["sinc(x)", real.sinc, 3],
  ] as const)("%s keeps its digits up to 12000", async (expression, f, ulps) => {
    expect(await worstUlps(expression, f, between(100, 11_999.999))).toBeLessThan(ulps);
    expect(await worstUlps(expression, f, between(-11_999.999, -100))).toBeLessThan(ulps);
  });

  // The number that is nearest to a multiple of π/2, to 1.6e-9; and where reductions change.
  const far = [5e9, 16367173 * 2 ** 72, 12_000, 11_999.999, 2 ** 32, 3.4028234e38];
  const finite = [...sampled, ...between(11_000, 40_000), ...far, ...far.map((x) => -x)].filter(
    (x) => Math.abs(x) < Infinity,
  );

  test.each([
    ["sinf(x)", Math.sin],
    ["cosf(x)", Math.cos],
  ] as const)("%s is right to 3·2⁻²⁴, whatever their size", async (expression, f) => {
    const xs = floats(finite);
    const got = await evaluate(expression, xs);
    const worst = got.reduce((most, y, i) => Math.max(most, Math.abs(y - f(xs[i]))), 0);
    expect(worst).toBeLessThan(3 * 2 ** -24);
  });

  test("tanf(x) and sinc(x) are right as far as sine and cosine are", async () => {
    const xs = floats(finite.filter((x) => Math.abs(x) < 1e30)); // sinc may be flushed beyond
    const [tan, sinc] = [await evaluate("tanf(x)", xs), await evaluate("sinc(x)", xs)];
    let worst = 0;
    xs.forEach((x, i) => {
      const t = Math.tan(x);
      worst = Math.max(worst, Math.abs(tan[i] - t) / (Math.abs(t) + t * t + 1));
      worst = Math.max(worst, Math.abs(sinc[i] - real.sinc(x)) * Math.max(1, Math.abs(x)));
    });
    expect(worst).toBeLessThan(8 * 2 ** -24);
  });

  test("are NaN at ∞", async () => {
    const nan = await evaluate("cosf(x)", floats([Infinity, -Infinity, NaN]));
    expect(nan.every(Number.isNaN)).toBe(true);
  });
});

describe("what functions without branches could lose", () => {
  test("the digits of small exponentials, whose factors may be subnormal", async () => {
    const xs = between(-87.3, -85);
    expect(await worstUlps("expNegative(x)", Math.exp, xs)).toBeLessThan(1);
    expect(await worstUlps("expf(x)", Math.exp, xs)).toBeLessThan(1);
  });

  test("NaN, in a clamp", async () => {
    for (const name of Object.keys(CASES)) {
      const [y] = await evaluate(CASES[name].expression ?? `${name}(x)`, floats([NaN]));
      expect(y, name).toBeNaN();
    }
  });

  test.each([
    ["expm1(x)", Math.expm1],
    ["sinhf(x)", Math.sinh],
    ["tanhf(x)", Math.tanh],
    ["log1p(x)", Math.log1p],
  ] as const)("%s of numbers next to 0, in a power of two", async (expression, f) => {
    const xs = between(2 ** -126, 2 ** -120).flatMap((x) => [x, -x]);
    // tanh takes twice the number.
    expect(await worstUlps(expression, f, xs)).toBeLessThan(1);
  });

  test("half an ulp of silu, in a product instead of a quotient", async () => {
    expect(await worstUlps("sigmoidTimes(x, x)", CASES.silu.f, between(-60, 60))).toBeLessThan(2.1);
  });

  test.each(["sigmoidTimes(x, x)", "swishf(x, x)", "mishf(x)", "geluf(x)", "geluTanhf(x)"])(
    "%s is 0 far below, though its exponential is clamped",
    async (expression) => {
      const xs = floats([-3.4e38, -3e38, -1e30, -1e10, -1e4, -200]);
      expect((await evaluate(expression, xs)).every((y) => y === 0)).toBe(true);
      expect(await evaluate(expression, floats([-Infinity]))).toEqual(floats([NaN]));
    },
  );
});

// SwiftShader's compiler takes twelve times as long for each call that branches, within a loop, and && and || are branches.
if (host === "swiftshader") {
  const signatures = [...files.values()].flatMap((code) => [
    ...code.matchAll(/^fn (\w+)\((\w+: f32(?:, \w+: f32)*)\) -> f32/gm),
  ]);
  test.each(
    signatures.map(([, name, parameters]) => [name, parameters.split(",").length] as const),
  )("eight calls of %s in a loop compile in less than two seconds", async (name, count) => {
    const call = (i: number) =>
      `${name}(${Array.from({ length: count }, (_, j) => `x[${8 * j}u + i + ${i}u]`).join(", ")})`;
    const code = `
@group(0) @binding(0) var<storage, read_write> x: array<f32, 64>;
@compute @workgroup_size(1)
fn main() {
  var sum = 0.0;
  for (var i = 0u; i < 16; i++) { sum += ${Array.from({ length: 8 }, (_, i) => call(i)).join(" + ")}; }
  x[0] = sum;
}`;
    const start = performance.now();
    await run(withFunctions(code), [storage(new Float32Array(64))], 1);
    expect(performance.now() - start).toBeLessThan(2000);
  });
}

describe("bits", () => {
  const xs = floats([0, -0, 1, -1e-45, 3e38, Infinity, -Infinity, NaN]);
  const truth = async (expression: string) =>
    [...(await evaluate(`select(0.0, 1.0, ${expression})`, xs))].map(Boolean);

  test("isNan, isInf, inf and nan", async () => {
    expect(await truth("isNan(x)")).toEqual([...xs].map(Number.isNaN));
    expect(await truth("isInf(x)")).toEqual([...xs].map((x) => Math.abs(x) === Infinity));
    expect([...(await evaluate("select(-inf(), inf(), x > 0.5)", xs))].slice(0, 3)).toEqual(
      [-Infinity, -Infinity, Infinity], // prettier-ignore
    );
    expect((await evaluate("nan() + x", xs)).every(Number.isNaN)).toBe(true);
  });

  test("copySign and highBits", async () => {
    expect([...(await evaluate("copySign(2.0, x)", xs))].slice(0, 7)).toEqual(
      [2, -2, 2, -2, 2, 2, -2], // prettier-ignore
    );
    const [high] = await evaluate("highBits(x)", floats([Math.PI]));
    expect(high).toBe(Math.floor(Math.PI * 2 ** 10) / 2 ** 10);
  });
});

/** Checks a function of two numbers on all pairs; tolerance is a function of the true value and the pair. */
async function checkPairs(
  name: string,
  f: (x: number, y: number) => number,
  tolerance: (want: number, x: number, y: number) => number,
  [xs, ys] = pairs(),
): Promise<void> {
  const got = await evaluate(`${name}(x, y)`, xs, ys);
  const wrong: string[] = [];
  const subnormal = (v: number) => v !== 0 && Math.abs(v) < 2 ** -126;
  xs.forEach((x, i) => {
    if (subnormal(x) || subnormal(ys[i])) return; // may be flushed
    const want = f(x, ys[i]);
    const rounded = Math.fround(want);
    const same = got[i] === rounded || (Number.isNaN(want) && Number.isNaN(got[i]));
    const close = Math.abs(got[i] - want) <= tolerance(want, x, ys[i]) + 1.2e-38;
    if (!same && !(close && Number.isFinite(rounded)))
      wrong.push(`${x}, ${ys[i]}: ${got[i]}, not ${want}`);
  });
  expect(wrong.slice(0, 10)).toEqual([]);
}

describe("functions of two numbers", () => {
  test("minimumf and maximumf are exact and keep NaN", async () => {
    await checkPairs("minimumf", Math.min, () => 0);
    await checkPairs("maximumf", Math.max, () => 0);
  });

  test("fmodf and remainderf are exact, with the sign of x and of y", async () => {
    const modulo = (x: number, y: number) => {
      const r = x % y;
      return r !== 0 && r < 0 !== y < 0 ? r + y : r;
    };
    await checkPairs(
      "fmodf",
      (x, y) => x % y,
      () => 0,
    );
    await checkPairs("remainderf", modulo, (want) => ulp(want) / 2);
  });

  test("floorDivf is exact up to 2²¹", async () => {
    const floorDivide = (x: number, y: number) => {
      if (y === 0) return x / y;
      const r = x % y;
      return Math.round((x - r) / y) - (r !== 0 && r < 0 !== y < 0 ? 1 : 0);
    };
    await checkPairs("floorDivf", floorDivide, (want) =>
      Math.abs(want) < 2 ** 21 ? 0 : 2 * ulp(want),
    );
  });

  test("atan2f is right to 3 ulps, in all quadrants and at zeros and infinities", async () => {
    const [xs, ys] = pairs();
    const quotients = await evaluate("x / y", xs, ys);
    const isNormal = (v: number) => Math.abs(v) > 2 ** -100 && Math.abs(v) < 2 ** 100;
    const isRounded = xs.every(
      (x, i) => ![x, ys[i], x / ys[i]].every(isNormal) || quotients[i] === Math.fround(x / ys[i]),
    );
    // WGSL lets quotients be off by 2.5 ulps, of which half a one more comes through.
    await checkPairs("atan2f", Math.atan2, (want) => (isRounded ? 3 : 3.5) * ulp(want));
  });

  test("powf is right to (2 + |y|) 2⁻²⁴, with the special values of IEEE 754", async () => {
    const pow = (x: number, y: number) =>
      x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y);
    const error = (want: number, _: number, y: number) =>
      (2 + Math.abs(y)) * 2 ** -24 * Math.abs(want);
    await checkPairs("powf", pow, error);
    const [xs, ys] = pairs();
    await checkPairs("powf", pow, error, [xs.map(Math.abs), ys.map((y) => y % 16)]);
    const near = xs.map((x) => 1 + (x % 1) / 8);
    await checkPairs("powf", pow, error, [near, ys.map((y) => y % 300)]);
  });
});

describe("random numbers", () => {
  const n = 5000;
  const first = Uint32Array.from({ length: n }, (_, i) => threefry(1, 2, i, 0)[0]);
  const second = Uint32Array.from({ length: n }, (_, i) => threefry(1, 2, i, 0)[1]);

  test("threefry gives the bits of the CPU", async () => {
    for (const [part, word] of ["x", "y"].entries()) {
      const call = `threefry(vec2u(x, y), vec2u(y, i)).${word}`;
      // In two halves, since a float32 buffer might not keep the pattern of a NaN.
      const low = await evaluate(`f32(${call} & 0xffffu)`, first, second);
      const high = await evaluate(`f32(${call} >> 16u)`, first, second);
      const want = first.map((x, i) => threefry(x, second[i], second[i], i)[part]);
      expect(low).toEqual(Float32Array.from(want, (v) => v & 0xffff));
      expect(high).toEqual(Float32Array.from(want, (v) => v >>> 16));
    }
  });

  test.each([1, 2, 3, 5, 17, 64, 65, 300, 4096, 8000, 2 ** 32 - 1])(
    "permute of %i elements is that of the CPU",
    async (length) => {
      const i = Uint32Array.from({ length: 6000 }, (_, k) => k);
      const got = await evaluate(`f32(permute(x, ${length}u, vec2u(7, 8)) & 0xffffffu)`, i);
      expect(got).toEqual(Float32Array.from(i, (k) => permute(k, length, 7, 8) & 0xffffff));
    },
  );

  test("uniform numbers are the same, normal ones to rounding", async () => {
    expect(await evaluate("uniformFromBits(x)", first)).toEqual(
      Float32Array.from(first, uniformFromBits),
    );
    const a = Uint32Array.from([0, 0xffffffff, ...first]);
    const b = Uint32Array.from([0, 0, ...second]);
    const got = await evaluate("normalFromBits(vec2u(x, y))", a, b);
    got.forEach((z, i) => expect(Math.abs(z - normalFromBits(a[i], b[i]))).toBeLessThan(5e-7));
  });
});
