import { expect } from "vitest";

export type ErrorClass = new (message: string) => Error;

/** That a call throws an error of a class, with this message. */
export function expectRefusal(Class: ErrorClass, act: () => unknown, message: string): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Class);
  expect((thrown as Error).message).toBe(message);
}
