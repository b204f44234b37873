import { expect, test } from "vitest";
import { explainPasses } from "../../src/check/explain-passes.ts";
import {
  ArgumentError,
  cumSum,
  matmul,
  softmax,
  tensor,
  variable,
  zeros,
} from "../../src/index.ts";
import { watchPasses } from "../../src/plan/passes.ts";
import { expectRefusal } from "../errors/refuses.ts";
import { catchPrograms, planOf } from "./plan-of.ts";

catchPrograms();

test("what each pass makes can be read", () => {
  const v = variable(zeros([4, 3]));
  const w = variable(zeros([5]));
  const text = explainPasses(() =>
    planOf(
      (x) => {
        const rows = x.pad([
          [1, 0],
          [0, 0],
        ]);
        const y = softmax(matmul(rows, v));
        v.assign(v.mul(0.5));
        w.assign(w.mul(0.5));
        return y;
      },
      [zeros([2, 4])],
    ),
  );
  const named = text.replaceAll(`v${v.id}`, "V").replaceAll(`v${w.id}`, "W");
  for (const part of [
    "after lower:\n  %0 = input: float32[2, 4]\n  V = variable: float32[4, 3]\n",
    "%2 = matmul(%1, V)",
    "V ← %9",
    "after materialize:\n  stored: %2 %3 %5 %6 %7 %9 %11",
    "%2 = %0[k + row * 4 - 4] where 1 ≤ row < 3 × V[col + k * 3], matrices",
    "after fuse:\n  group 0 of 9×1: %2 by row; reads %0 V",
    "group 1 of 3×3: %3 by row, %5 by column, %6 by row, %7 by column; reads %2",
    "after nest:\n  for 9 elements of %2 = %0",
    "%6 = sum over columns of ",
    "after schedule:\n  %0 V → %2\n",
    "%9 in the place of V",
    "after pack:\n  %12 = V at 0, W at 64\n",
    "side by side: V W",
    "after merge:\n  %0 V → %2\n  %2 → %7 | %12 → %13",
    "after memory:\n  %0 [2, 4]: argument 0, byte 0\n",
    "512 bytes of values, 256 of arguments",
  ]) {
    expect(named).toContain(part);
  }
});

test("what a row's columns come to one after the other", () => {
  const text = explainPasses(() =>
    planOf((x) => cumSum(x, 1, { reverse: true }).mul(2), [zeros([3, 5])]),
  );
  for (const part of [
    "group 0 of 3×5: %1 by column, %2 by column; reads %0",
    "%1 = runningSum up to each column of %0[",
  ]) {
    expect(text).toContain(part);
  }
});

test("nobody watches afterwards, even after an error", () => {
  const watcher = watchPasses(null);
  expect(() =>
    explainPasses(() => {
      throw new Error("mine");
    }),
  ).toThrow("mine");
  expect(watchPasses(watcher)).toBe(null);
  expect(explainPasses(() => tensor([1]))).toBe("");
});

test("what is no function is refused", () => {
  expectRefusal(
    ArgumentError,
    () => explainPasses(zeros([2]) as never),
    "explainPasses: expected a function that calls a compiled one, got an instance of Tensor",
  );
});
