import { describe, expect, test } from "vitest";
import {
  erf,
  erfc,
  gaussian,
  logSigmoid,
  normalCdf,
  normalPdf,
  sigmoid,
  sinc,
  sincDerivative,
  softplus,
} from "../../src/base/special.ts";

const FUNCTIONS = {
  erf,
  erfc,
  gaussian,
  logSigmoid,
  normalCdf,
  normalPdf,
  sigmoid,
  sinc,
  softplus,
};
type Name = keyof typeof FUNCTIONS;

/** |got − want| in units of 2⁻⁵² |want|. */
function ulps(got: number, want: number): number {
  return got === want ? 0 : Math.abs(got - want) / (2 ** -52 * Math.abs(want));
}

// Computed with 50 digits (mpmath 1.3).
const VALUES: [Name, number, number][] = [
  ["erf", 1e-310, 1.1283791670955e-310],
  ["erf", 1e-10, 1.1283791670955126e-10],
  ["erf", 0.1, 0.1124629160182849],
  ["erf", -0.3, -0.3286267594591274],
  ["erf", 0.5, 0.5204998778130465],
  ["erf", -1, -0.8427007929497149],
  ["erf", 2, 0.9953222650189527],
  ["erf", 5, 0.9999999999984626],
  ["erfc", -3, 1.9999779095030015],
  ["erfc", -0.25, 1.276326390168237],
  ["erfc", 0.3, 0.6713732405408726],
  ["erfc", 0.5, 0.4795001221869535],
  ["erfc", 1, 0.15729920705028513],
  ["erfc", 2, 0.004677734981047266],
  ["erfc", 5, 1.537459794428035e-12],
  ["erfc", 6.25, 9.672204131876253e-19],
  ["erfc", 6.5, 3.8421483271206475e-20],
  ["erfc", 10, 2.088487583762545e-45],
  ["erfc", 26, 5.663192408856143e-296],
  ["gaussian", -0.1, 0.9900498337491681],
  ["gaussian", 3.7, 1.1337271387479642e-6],
  ["gaussian", 12.3, 1.9750942872770615e-66],
  ["gaussian", 26.9, 5.497559646e-315],
  ["normalPdf", -1, 0.24197072451914334],
  ["normalPdf", 8.1, 2.2588094031543087e-15],
  ["normalPdf", -37.3, 3.062846290695667e-303],
  ["normalCdf", -37, 5.725571222524577e-300],
  ["normalCdf", -20.3, 6.429244467698346e-92],
  ["normalCdf", -8, 6.220960574271784e-16],
  ["normalCdf", -1, 0.15865525393145705],
  ["normalCdf", 0.5, 0.6914624612740131],
  ["normalCdf", 3, 0.9986501019683699],
  ["sigmoid", -700.5, 5.980196118639791e-305],
  ["sigmoid", -0.001, 0.4997500000208333],
  ["sigmoid", 0, 0.5],
  ["sigmoid", 30.25, 0.9999999999999272],
  ["softplus", -700.5, 5.980196118639791e-305],
  ["softplus", -0.001, 0.6926473055599401],
  ["softplus", 0, Math.LN2],
  ["softplus", 30.25, 30.250000000000075],
  ["softplus", 10000, 10000.0],
  ["logSigmoid", -10000, -10000.0],
  ["logSigmoid", -700.5, -700.5],
  ["logSigmoid", -0.001, -0.6936473055599401],
  ["logSigmoid", 0, -Math.LN2],
  ["logSigmoid", 30.25, -7.287724095819427e-14],
  ["sinc", 0, 1.0],
  ["sinc", 1e-8, 1.0],
  ["sinc", -3, 0.04704000268662241],
  ["sinc", 100, -0.005063656411097588],
];

test.each(VALUES)("%s(%d) is right to 3 ulps", (name, x, y) => {
  expect(ulps(FUNCTIONS[name](x), y)).toBeLessThan(3);
});

// f(−∞), f(−1e4), f(1e4), f(∞)
const LIMITS: [Name, number[]][] = [
  ["erf", [-1, -1, 1, 1]],
  ["erfc", [2, 2, 0, 0]],
  ["gaussian", [0, 0, 0, 0]],
  ["normalPdf", [0, 0, 0, 0]],
  ["normalCdf", [0, 0, 1, 1]],
  ["sigmoid", [0, 0, 1, 1]],
  ["softplus", [0, 0, 1e4, Infinity]],
  ["logSigmoid", [-Infinity, -1e4, 0, 0]],
];

test.each(LIMITS)("%s goes to its limits, and keeps NaN", (name, limits) => {
  expect([-Infinity, -1e4, 1e4, Infinity].map((x) => FUNCTIONS[name](x) + 0)).toEqual(limits);
  expect(FUNCTIONS[name](NaN)).toBeNaN();
});

describe("sincDerivative", () => {
  // ∫₀¹ tⁿ cos(xt + nπ/2) dt with 50 digits at x = 0.001, −1.5, 7.25 and 12.
  const VALUES: [number, number[]][] = [
    [0, [0.9999998333333416, 0.6649966577360363, 0.11352839710503523, -0.04471440983336958]],
    [1, [-0.0003333333000000012, 0.39617297071222224, 0.06267527947360822, 0.07404736404715515]],
    [2, [-0.3333332333333393, -0.13676603011973995, -0.1308181293736168, 0.032373182492177056]],
    [3, [0.0001999999761904771, -0.22637392579434462, -0.024202728988668196, -0.07841445885075193]],
    [5, [-0.0001428571243386251, 0.15728471761414453, -0.009170201540791505, 0.07806127026234057]],
    [8, [0.11111106565656886, 0.024046224710242693, 0.08709880486277767, 0.00437672248040193]],
    [20, [0.04761902587991885, 0.0065789806795582455, 0.03624286094636298, 0.020040323518598746]],
  ];

  test.each(VALUES)("order %i", (n, values) => {
    [0.001, -1.5, 7.25, 12].forEach((x, i) => {
      expect(ulps(sincDerivative(n, x), values[i])).toBeLessThan(40);
    });
  });

  test("at 0 the derivatives are 1, 0, −1/3, 0, 1/5", () => {
    const values = [0, 1, 2, 3, 4].map((n) => sincDerivative(n, 0));
    [1, 0, -1 / 3, 0, 1 / 5].forEach((y, n) => expect(values[n]).toBeCloseTo(y, 15));
  });

  test("both recurrences agree where one takes over from the other", () => {
    for (const n of [1, 2, 5, 8]) {
      const below = sincDerivative(n, n + 1);
      const above = sincDerivative(n, (n + 1) * (1 + 2 ** -52));
      expect(Math.abs(above - below)).toBeLessThan(1e-15);
    }
  });
});
