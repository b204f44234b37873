import { expect, test } from "vitest";
import {
  checkDtype,
  DTYPES,
  holds,
  hostArray,
  isFloat,
  isInteger,
  rowOf,
  sizeInBytes,
  wholeWords,
  type Dtype,
} from "../../src/base/dtype.ts";
import { DtypeError } from "../../src/index.ts";

const dtypes = Object.keys(DTYPES) as Dtype[];

test.each(dtypes)("%s: the columns of its row agree", (dtype) => {
  const { bytes, Stored, Reference, Data, lowest, highest } = rowOf(dtype);
  expect(new Stored(1).BYTES_PER_ELEMENT).toBe(bytes);
  expect(sizeInBytes({ size: 5, dtype })).toBe(5 * bytes);
  expect(hostArray(dtype, 3)).toEqual(new Reference(3));
  for (const extreme of [lowest, highest]) {
    for (const Type of [Stored, Reference, Data]) expect(Type.from([extreme])[0]).toBe(extreme);
    expect(holds(dtype, extreme)).toBe(dtype !== "bool");
  }
  if (isInteger(dtype)) {
    for (const v of [lowest - 1, highest + 1, 0.5, NaN])
      expect(holds(dtype, v), `${v}`).toBe(false);
  } else if (isFloat(dtype)) {
    for (const v of [0.5, NaN, 1e300]) expect(holds(dtype, v), `${v}`).toBe(true);
  }
});

test("a dtype that there is not", () => {
  const wrong = () => checkDtype("cast", "float8" as Dtype);
  expect(wrong).toThrow(DtypeError);
  expect(wrong).toThrow(
    "cast: there is no dtype float8; dtypes are float32, int32, uint32 and bool",
  );
});

test("bytes are copied by whole words", () => {
  expect([0, 1, 4, 6, 8].map(wholeWords)).toEqual([0, 4, 4, 8, 8]);
});
