import { expect, test } from "vitest";
import { History } from "../../demo/digits/history.ts";

const falling = Array.from({ length: 200 }, (_, i) => 2 * 0.97 ** i);

test("the averaged loss lies on the raw one where that falls smoothly, at the start too", () => {
  const history = new History(50);
  history.add(falling);
  for (let i = 0; i < 190; i++)
    expect(Math.abs(history.smooth[i] / falling[i] - 1), `step ${i + 1}`).toBeLessThan(0.03);
});

test("in parts it comes to the same, and after a lost device too", () => {
  const [whole, parts] = [new History(50), new History(50)];
  whole.add(falling);
  for (let i = 0; i < 200; i += 7) parts.add(falling.slice(i, Math.min(i + 7, 200)));
  expect(parts.smooth).toEqual(whole.smooth);
  parts.rewind(100);
  expect(parts.smooth).toHaveLength(100);
  parts.add(falling.slice(100));
  expect(parts.smooth).toEqual(whole.smooth);
});

test("exams after the step that a run goes back to are forgotten", () => {
  const history = new History(50);
  history.add(falling);
  for (const step of [30, 50]) history.addExam({ step, accuracy: 0.5 });
  history.rewind(40);
  expect(history.exams.map(({ step }) => step)).toEqual([30]);
});
