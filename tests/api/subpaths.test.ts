import * as cotangent from "cotangent";
import * as data from "cotangent/data";
import * as nn from "cotangent/nn";
import * as optim from "cotangent/optim";
import { expect, test } from "vitest";

test.each([
  ["data", data],
  ["nn", nn],
  ["optim", optim],
] as const)(
  "cotangent/%s has the names of the namespace, and they are the same",
  (name, subpath) => {
    expect({ ...subpath }).toEqual({ ...cotangent[name] });
    expect(Object.keys(subpath).length).toBeGreaterThan(1);
  },
);
