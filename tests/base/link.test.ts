import { describe, expect, test } from "vitest";
import { declareBinding, link } from "../../src/base/link.ts";

const shader = `enable subgroups;
// y = f(x)
const SIZE: u32 = 64; // numbers
const HALF = SIZE / 2;
const SIZE_Y: u32 = 1;
alias Scalar = f32;
@group(0) @binding(0) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // packed

fn f(x: f32) -> f32 { return x; }
fn none(i: u32) {}

fn main() {
  const SIZE_Z: u32 = 2;
}
`;

const line = (code: string, start: string) => code.split("\n").find((l) => l.startsWith(start));

describe("link", () => {
  test("without settings gives the shader as it stands", () => {
    expect(link(shader, {})).toBe(shader);
  });

  test("replaces the value of a const and keeps its type and its comment", () => {
    const code = link(shader, { SIZE: 7, HALF: "SIZE - 4" });
    expect(line(code, "const SIZE:")).toBe("const SIZE: u32 = 7; // numbers");
    expect(line(code, "const HALF")).toBe("const HALF = SIZE - 4;");
    expect(line(code, "const SIZE_Y")).toBe("const SIZE_Y: u32 = 1;");
  });

  test("writes booleans and takes replacement patterns literally", () => {
    expect(line(link(shader, { SIZE_Y: true }), "const SIZE_Y")).toBe("const SIZE_Y: u32 = true;");
    expect(line(link(shader, { HALF: "$1$&" }), "const HALF")).toBe("const HALF = $1$&;");
  });

  test("replaces an alias", () => {
    expect(line(link(shader, { Scalar: "f16" }), "alias")).toBe("alias Scalar = f16;");
  });

  test("replaces the body of a one-line function", () => {
    const body = "if (x > 0) { return x; } return 0;";
    expect(line(link(shader, { f: body }), "fn f(")).toBe(`fn f(x: f32) -> f32 { ${body} }`);
    expect(line(link(shader, { none: "f(0);" }), "fn none")).toBe("fn none(i: u32) { f(0); }");
  });

  test("replaces what it has replaced", () => {
    const once = link(shader, { f: "if (x > 0) { return x; } return 0;", SIZE: 7 });
    expect(link(once, { f: "return x;", SIZE: 64 })).toBe(shader);
  });

  test("replaces the place, access, type and length of a binding", () => {
    const code = link(
      shader,
      {},
      {
        x: { index: 3, access: "read_write", type: "f32", length: 12544 },
      },
    );
    expect(line(code, "@group(0) @binding(3)")).toBe(
      "@group(0) @binding(3) var<storage, read_write> x: array<f32, 12544>; // packed",
    );
    expect(line(code, "@group(0) @binding(0)")).toBe(line(shader, "@group(0) @binding(0)"));
  });

  test("declares a binding", () => {
    expect(declareBinding("bias", { index: 2, access: "read", type: "f32" })).toBe(
      "@group(0) @binding(2) var<storage, read> bias: array<f32>;",
    );
  });

  test.each(["size", "SIZE_Z", "y", "main", "."])("throws where there is no %s to set", (name) => {
    const message = `link: the shader declares no const, alias or one-line fn named ${name}`;
    expect(() => link(shader, { [name]: 1 })).toThrow(message);
  });

  test("throws where there is no such binding", () => {
    const z = { index: 0, access: "read", type: "f32" } as const;
    expect(() => link(shader, {}, { z })).toThrow(
      "link: the shader declares no storage binding named z",
    );
  });

  test("throws rather than move the lines", () => {
    expect(() => link(shader, { f: "\nreturn x;" })).toThrow(
      "link: the value of f has more than one line",
    );
  });
});
