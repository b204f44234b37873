import { expect, test } from "vitest";
import { threefry } from "../../src/base/threefry.ts";
import { floatLiteral, literal } from "../../src/base/wgsl-literal.ts";

test("floats read back as the same float32", () => {
  const pattern = new Uint32Array(1);
  const float = new Float32Array(pattern.buffer);
  for (let i = 0; i < 10_000; i++) {
    pattern[0] = threefry(1, 2, i, 0)[0];
    const [x] = float;
    if (!Number.isFinite(x)) continue;
    const text = floatLiteral(x);
    expect(text).toMatch(/^(\d[\d.e+-]*f|\(-\d[\d.e+-]*f\))$/);
    expect(Math.fround(Number(text.replace(/[()f]/g, "")))).toBe(x);
  }
});

test("the text is short, and has a sign in parentheses only", () => {
  expect([0, -0, 1, 0.1, -2.5, 1 / 3].map(floatLiteral)).toEqual([
    "0.0f",
    "(-0.0f)",
    "1.0f",
    "0.1f",
    "(-2.5f)",
    "0.33333334f",
  ]);
  // 3.4028235e+38 would be larger than any float32 is, which WGSL refuses.
  expect(floatLiteral(3.4028234663852886e38)).toBe("3.4028234e+38f");
});

test("other dtypes", () => {
  expect(literal(1.5, "float32")).toBe("1.5f");
  expect(literal(-(2 ** 31), "int32")).toBe("i32(-2147483648)");
  expect(literal(7, "int32")).toBe("7i");
  expect(literal(2 ** 32 - 1, "uint32")).toBe("4294967295u");
  expect([0, 1].map((x) => literal(x, "bool"))).toEqual(["false", "true"]);
});
