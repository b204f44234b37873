import { describe, expect, test } from "vitest";
import * as z from "../../src/base/complex.ts";
import { complex, type Complex } from "../../src/base/complex.ts";
import * as real from "../../src/base/special.ts";

type Unary = (z: Complex) => Complex;
const FUNCTIONS: Record<string, Unary> = {
  ...z,
  "pow_2.5": (a: Complex) => z.pow(a, complex(2.5)),
} as never;

// Principal values rounded from 60 or more digits (mpmath): [function, z, f(z)].
const VALUES: [string, [number, number], [number, number]][] = [
  ["atan", [-1.8148645162582397, -0.7862651348114014], [-1.123453518874777, -0.1659037956844036]],
  ["atan", [-2.127971649169922, 0.07021155208349228], [-1.1318349478123186, 0.012691881766037373]],
  ["atan", [-1.771454930305481, -0.5416371822357178], [-1.0861269251858754, -0.12475229536651913]],
  ["cos", [1.986818790435791, -1.3554935455322266], [-0.8358312934076838, 1.6560044377724545]],
  ["cos", [0.8376754522323608, 1.8670556545257568], [2.2162965264612393, -2.3461724912648534]],
  ["cos", [-2.3807759284973145, 0.09471335262060165], [-0.7275241279583262, 0.06540379068791134]],
  ["cosh", [-0.6368728876113892, 0.5485079288482666], [1.0322853707110278, -0.35498317338634877]],
  ["cosh", [2.6087958812713623, 1.4117473363876343], [1.0814381375626527, 6.669278016488445]],
  [
    "cosh",
    [0.4780683219432831, -0.031562093645334244],
    [1.1159117112845751, -0.015667596709267456],
  ],
  ["exp", [1.9181605577468872, 1.2146098613739014], [2.3741149237380546, 6.381081834470628]],
  ["exp", [0.7363826632499695, -0.6595268845558167], [1.65039970505724, -1.2796326248209389]],
  ["exp", [0.46680620312690735, 0.7425252795219421], [1.1750583295186556, 1.0783873764066085]],
  ["log", [1.2502338886260986, -1.0765695571899414], [0.5006993937666853, -0.7108998494683663]],
  ["log", [1.232977271080017, -0.8943026065826416], [0.4207857702353236, -0.6275176619349517]],
  ["log", [0.3356275260448456, -0.5481160283088684], [-0.44206061111239336, -1.0213604247148385]],
  ["pow_2.5", [1.3025537729263306, -0.6829225420951843], [0.9328144653769298, -2.4517196978338767]],
  ["pow_2.5", [2.303117513656616, -1.1014820337295532], [4.581542252350641, -9.35186814596274]],
  ["pow_2.5", [1.4798245429992676, 0.28834113478660583], [2.4741621375629035, 1.2915134307009208]],
  [
    "reciprocal",
    [0.8951311707496643, -0.9938641786575317],
    [0.5003455855752026, 0.555533725896459],
  ],
  [
    "reciprocal",
    [2.9845948219299316, 1.452681303024292],
    [0.2708813445362371, -0.13184512070265572],
  ],
  [
    "reciprocal",
    [-2.6219797134399414, 0.4350266754627228],
    [-0.37117357410686524, -0.061583392554736015],
  ],
  ["sigmoid", [1.0107146501541138, -1.4126697778701782], [0.8478233301220741, -0.2882053729888426]],
  [
    "sigmoid",
    [-0.7866284847259521, -1.8060091733932495],
    [0.10173973700474645, -0.44501147425241866],
  ],
  ["sigmoid", [2.480201482772827, 1.8855599164962769], [1.0197984836072274, 0.08334956103484291]],
  ["sin", [0.30808550119400024, -1.898829460144043], [1.0352159440021804, -3.110474173061151]],
  ["sin", [-1.2299437522888184, 0.6879799365997314], [-1.1744507325952849, 0.24856218985616296]],
  ["sin", [2.231825113296509, 1.4327495098114014], [1.7479832917310703, -1.2129868623675257]],
  [
    "sinh",
    [-0.35751208662986755, -0.20725120604038239],
    [-0.35736210236211857, -0.21906165569956998],
  ],
  ["sinh", [-0.6166863441467285, -0.5231847167015076], [-0.5687025201904184, -0.5976980757102544]],
  ["sinh", [2.3642942905426025, 1.972237467765808], [-2.0597190308544957, 4.938727291242969]],
  ["sqrt", [1.0261929035186768, -1.2732243537902832], [1.1535775917047542, -0.5518590006194188]],
  ["sqrt", [2.6001031398773193, 0.960212230682373], [1.6388781777890347, 0.2929480188630521]],
  ["sqrt", [2.4129464626312256, -0.6573416590690613], [1.5674546316956397, -0.20968442906636564]],
  ["square", [1.1180490255355835, -1.4905513525009155], [-0.9717097109412407, -3.3330189743487892]],
  ["square", [2.287257194519043, -0.37688058614730835], [5.0895064976643845, -1.72404566427997]],
  ["square", [0.7244924902915955, -0.13528041541576385], [0.5065885776938559, -0.1960192901044966]],
  ["tan", [1.9170664548873901, -0.4741385877132416], [-0.8933653892792955, -1.5347909016591434]],
  ["tan", [0.6708837151527405, -1.7502082586288452], [0.05794620762967022, -0.9846956300351474]],
  ["tan", [-2.294966220855713, -1.1538009643554688], [0.20039620600091892, -1.004573451257199]],
  [
    "tanh",
    [-2.7660887241363525, -1.1786458492279053],
    [-1.0056026741704087, -0.005621821413852826],
  ],
  ["tanh", [-1.9623851776123047, 1.3270169496536255], [-1.0353306462653744, 0.01916260643706552]],
  ["tanh", [2.545715093612671, -1.3334665298461914], [1.0109829247163935, -0.005682773258908165]],
  ["erf", [1.5, 2.0], [-0.10504928977401753, 0.6995116861631244]],
  ["erf", [-0.25, 4.0], [-1136571.749270338, -430546.95335986436]],
  ["erf", [3.0, -1.5], [1.0001916446378631, 1.4540060346355786e-6]],
  ["erf", [0.0, 1.0], [0.0, 1.6504257587975428]],
  ["erfc", [6.0, 1.0], [5.307799800608041e-17, 2.277635033369249e-17]],
  ["asin", [0.3, 0.7], [0.2457320061010797, 0.6703367429877897]],
  ["asin", [-1.2, -0.4], [-1.1071487177940904, -0.8047189562170501]],
  ["asin", [-0.5, 2.5], [-0.18401992624231417, 1.6630597397306994]],
  ["acos", [0.3, 0.7], [1.3250643206938169, -0.6703367429877897]],
  ["acos", [-1.2, -0.4], [2.677945044588987, 0.8047189562170501]],
  ["acos", [-0.5, 2.5], [1.754816253037211, -1.6630597397306994]],
  ["asinh", [0.3, 0.7], [0.38559098731817487, 0.7089034409655053]],
  ["asinh", [-1.2, -0.4], [-1.041161595266389, -0.2538516769283051]],
  ["asinh", [-0.5, 2.5], [-1.5919125928575535, 1.356835341453572]],
  ["acosh", [0.3, 0.7], [0.6703367429877897, 1.3250643206938169]],
  ["acosh", [-1.2, -0.4], [0.8047189562170501, -2.677945044588987]],
  ["acosh", [-0.5, 2.5], [1.6630597397306994, 1.754816253037211]],
  ["atanh", [0.3, 0.7], [0.19988189602962927, 0.6396697661585148]],
  ["atanh", [-1.2, -0.4], [-0.8047189562170501, -1.1071487177940904]],
  ["atanh", [-0.5, 2.5], [-0.06706599664866984, 1.201888796734664]],
  ["log1p", [0.3, 0.7], [0.3896624384004988, 0.4939413689195812]],
  ["log1p", [-1.2, -0.4], [-0.8047189562170501, -2.0344439357957027]],
  ["log1p", [-0.5, 2.5], [0.9359010884507957, 1.373400766945016]],
  ["expm1", [0.3, 0.7], [0.03242896291166162, 0.8696029191140401]],
  ["expm1", [-1.2, -0.4], [-0.7225817597882315, -0.11729055071581014]],
  ["expm1", [-0.5, 2.5], [-1.485918165662246, 0.36299170438300693]],
];

test.each(VALUES)("%s at %j", (name, [re, im], [u, v]) => {
  const got = FUNCTIONS[name](complex(re, im));
  expect(Math.hypot(got.re - u, got.im - v)).toBeLessThan(1e-15 * Math.hypot(u, v));
});

/** The smallest and a largest step: the derivative must not depend on it. */
const STEPS = [1e-20, 1e-200];
const anyReal = [0.37, -0.37, 1e-12, -1e-12, 2.9, -2.9, 11.3, -11.3, 0.9999, -0.9999];
const large = [-1e4, -710, -40.5, 40.5, 710, 1e4];
const inside = anyReal.filter((x) => Math.abs(x) < 1);
const positive = anyReal.filter((x) => x > 0);
const square = (x: number) => x * x;

/** [name, f, its value, its derivative, points], with value and derivative in well-conditioned forms. */
const DERIVATIVES: [string, Unary, (x: number) => number, (x: number) => number, number[]][] = [
  ["exp", z.exp, Math.exp, Math.exp, [...anyReal, -1e4, -700, 700]],
  ["expm1", z.expm1, Math.expm1, Math.exp, [...anyReal, -1e4, -40, 700]],
  ["log", z.log, Math.log, (x) => 1 / x, [...positive, 1e300]],
  ["log1p", z.log1p, Math.log1p, (x) => 1 / (1 + x), [...inside, 1e4, 1e300]],
  ["sqrt", z.sqrt, Math.sqrt, (x) => 0.5 / Math.sqrt(x), [...positive, 1e300]],
  ["reciprocal", z.reciprocal, (x) => 1 / x, (x) => -1 / (x * x), anyReal],
  ["square", z.square, (x) => x * x, (x) => 2 * x, anyReal],
  ["cube", z.cube, (x) => x * x * x, (x) => 3 * x * x, anyReal],
  ["sin", z.sin, Math.sin, Math.cos, [...anyReal, 1e4]],
  ["cos", z.cos, Math.cos, (x) => -Math.sin(x), [...anyReal, 1e4]],
  ["tan", z.tan, Math.tan, (x) => 1 / square(Math.cos(x)), [...anyReal, 1e4]],
  ["sinh", z.sinh, Math.sinh, Math.cosh, [...anyReal, 700]],
  ["cosh", z.cosh, Math.cosh, Math.sinh, [...anyReal, 700]],
  ["tanh", z.tanh, Math.tanh, (x) => 1 / square(Math.cosh(x)), [...anyReal, ...large]],
  ["asin", z.asin, Math.asin, (x) => 1 / Math.sqrt((1 - x) * (1 + x)), inside],
  ["acos", z.acos, Math.acos, (x) => -1 / Math.sqrt((1 - x) * (1 + x)), inside],
  ["atan", z.atan, Math.atan, (x) => 1 / (1 + x * x), [...anyReal, ...large]],
  ["asinh", z.asinh, Math.asinh, (x) => 1 / Math.sqrt(1 + x * x), [...anyReal, ...large]],
  ["acosh", z.acosh, Math.acosh, (x) => 1 / Math.sqrt((x - 1) * (x + 1)), [1.001, 2.9, 1e4]],
  ["atanh", z.atanh, Math.atanh, (x) => 1 / ((1 - x) * (1 + x)), inside],
  ["erf", z.erf, real.erf, (x) => (2 / Math.sqrt(Math.PI)) * real.gaussian(x), anyReal],
  ["erfc", z.erfc, real.erfc, (x) => (-2 / Math.sqrt(Math.PI)) * real.gaussian(x), anyReal],
  ["normalCdf", z.normalCdf, real.normalCdf, real.normalPdf, [...anyReal, ...large]],
  ["sigmoid", z.sigmoid, real.sigmoid, (x) => real.sigmoid(x) * real.sigmoid(-x), anyReal],
  ["sigmoid", z.sigmoid, real.sigmoid, (x) => Math.exp(-Math.abs(x)), large],
  ["softplus", z.softplus, real.softplus, real.sigmoid, [...anyReal, ...large]],
  ["logSigmoid", z.logSigmoid, real.logSigmoid, (x) => real.sigmoid(-x), [...anyReal, ...large]],
  ["sinc", z.sinc, real.sinc, (x) => real.sincDerivative(1, x), [...anyReal, ...large]],
  ...[1, 4, 7].map((n): (typeof DERIVATIVES)[0] => [
    `sincDerivative ${n}`,
    (a) => z.sincDerivative(n, a),
    (x) => real.sincDerivative(n, x),
    (x) => real.sincDerivative(n + 1, x),
    [...anyReal, ...large],
  ]),
  ["x^2.5", (a) => z.pow(a, complex(2.5)), (x) => x ** 2.5, (x) => 2.5 * x ** 1.5, positive],
  ["x^-3", (a) => z.pow(a, complex(-3)), (x) => x ** -3, (x) => -3 * x ** -4, anyReal],
  ["x^7", (a) => z.pow(a, complex(7)), (x) => x ** 7, (x) => 7 * x ** 6, anyReal],
  ["x^100", (a) => z.pow(a, complex(100)), (x) => x ** 100, (x) => 100 * x ** 99, [-2.9, 2.9, 1e3]],
  [
    "1.3^x",
    (a) => z.pow(complex(1.3), a),
    (x) => 1.3 ** x,
    (x) => Math.log(1.3) * 1.3 ** x,
    anyReal,
  ],
  [
    "2/(x + 3)",
    (a) => z.div(complex(2), z.add(a, complex(3))),
    (x) => 2 / (x + 3),
    (x) => -2 / (x + 3) ** 2,
    anyReal,
  ],
  [
    "atan2(x, -2)",
    (a) => z.atan2(a, complex(-2)),
    (x) => Math.atan2(x, -2),
    (x) => -2 / (4 + x * x),
    anyReal,
  ],
  [
    "atan2(3, x)",
    (a) => z.atan2(complex(3), a),
    (x) => Math.atan2(3, x),
    (x) => -3 / (9 + x * x),
    anyReal,
  ],
];

test.each(DERIVATIVES)(
  "%s: complex steps give the derivative to 1e-14",
  (_, f, value, slope, points) => {
    for (const x of points) {
      for (const step of STEPS) {
        const { re, im } = f(complex(x, step));
        expect(Math.abs(re - value(x)), `value at ${x}`).toBeLessThanOrEqual(
          1e-14 * Math.abs(value(x)),
        );
        // 1e-90: slopes beyond what the smaller step can express.
        const tolerance = 1e-14 * Math.abs(slope(x)) + 1e-90;
        expect(Math.abs(im / step - slope(x)), `slope at ${x}`).toBeLessThanOrEqual(tolerance);
      }
    }
  },
);

describe("overflow", () => {
  test("leaves no NaN where the function has a limit", () => {
    for (const x of [-1e4, 1e4]) {
      for (const f of [z.exp, z.expm1, z.sinh, z.cosh]) {
        const { re, im } = f(complex(x));
        expect(Number.isNaN(re) || Number.isNaN(im)).toBe(false);
      }
    }
    expect(z.exp(complex(1e4))).toEqual(complex(Infinity, 0));
    expect(z.sqrt(complex(1e308, 1e308)).re).toBeCloseTo(1.0986841134678098e154, -140);
  });

  test("divides where the square of the divisor would overflow or underflow", () => {
    for (const s of [1e300, 1e-300]) {
      const q = z.div(complex(s, 2 * s), complex(s, -s));
      expect(q.re).toBeCloseTo(-0.5, 15);
      expect(q.im).toBeCloseTo(1.5, 15);
    }
    // The ratio of the divisor's parts underflows, the product with the dividend does not.
    expect(z.div(complex(1e300), complex(1e150, 1e-180)).im).toBeCloseTo(-1e-180, 190);
  });
});

describe("pow", () => {
  test("has the special values of the real power", () => {
    expect(z.pow(complex(0), complex(0))).toEqual(complex(1));
    expect(z.pow(complex(0), complex(2.5))).toEqual(complex(0));
    expect(z.pow(complex(0), complex(-1)).re).toBe(Infinity);
    expect(z.pow(complex(-2), complex(5))).toEqual(complex(-32, -0));
  });

  test("the slope in the exponent is aᵇ log a", () => {
    for (const [a, b] of [
      [2.5, 3],
      [0.1, -1.7],
      [1e3, 40.5],
    ]) {
      const slope = z.pow(complex(a), complex(b, 1e-20)).im / 1e-20;
      expect(slope / (a ** b * Math.log(a))).toBeCloseTo(1, 13);
    }
  });

  test("agrees with exp(b log a) off the axis, on both sides of the cut", () => {
    for (const a of [complex(-2, 0.3), complex(-2, -0.3), complex(0.3, 2), complex(1.5, -1)]) {
      for (const b of [complex(2.5), complex(7, 0.2), complex(-1.5, -0.4)]) {
        const want = z.exp(z.mul(b, z.log(a)));
        const difference = z.sub(z.pow(a, b), want);
        expect(Math.hypot(difference.re, difference.im)).toBeLessThan(
          1e-14 * Math.hypot(want.re, want.im),
        );
      }
    }
  });
});
