import { data, nn, optim } from "cotangent";
import * as dataPath from "cotangent/data";
import * as nnPath from "cotangent/nn";
import * as optimPath from "cotangent/optim";
import { expect, test } from "vitest";

test.each([
  ["data", data, dataPath],
  ["nn", nn, nnPath],
  ["optim", optim, optimPath],
])("cotangent/%s has what the namespace has", (_, namespace, subpath) => {
  expect({ ...subpath }).toEqual({ ...namespace });
  expect(Object.keys(subpath).length).toBeGreaterThan(1);
});
