import { expect, test } from "vitest";
import { Speed } from "../../demo/site/speed.ts";

test.each([
  [13, "13.0"],
  [0.5, "0.500"],
  [1234, "1,230"],
])("a speed of %f is written with three digits", (steps, text) => {
  const speed = new Speed();
  expect(speed.text).toBe("–");
  // The first steps compile shaders and do not count.
  speed.add(1, 100);
  speed.add(steps, 1);
  expect(speed.text).toBe(text);
});
