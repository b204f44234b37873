import { expect, test } from "vitest";

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

export type Case = [act: () => unknown, message: string];

/** Tests that calls throw errors of a class, each with its message. */
export function refuses(Class: ErrorClass, cases: readonly Case[]): void {
  test.each(cases.map(([act, message]) => ({ act, message })))("$message", ({ act, message }) => {
    expectRefusal(Class, act, message);
  });
}

/** What JavaScript lets through and TypeScript does not. */
export const loose = (value: unknown) => value as never;
