import {
  ArgumentError,
  conv1d,
  conv2d,
  DtypeError,
  nn,
  ShapeError,
  tensor,
  ValueError,
  zeros,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { loose } from "./refuses.ts";

type ErrorClass = new (message: string) => Error;

const x = zeros([2, 4, 5, 6]);
const w = zeros([6, 4, 3, 3]);

const cases: Record<string, [ErrorClass, act: () => unknown, message: string][]> = {
  shapes: [
    [
      ShapeError,
      () => conv2d(zeros([4, 5, 6]), w),
      "conv2d: takes x [n, in, height, width] and w [out, in / groups, height, width], got [4, 5, 6] and [6, 4, 3, 3]",
    ],
    [
      ShapeError,
      () => conv1d(zeros([2, 4, 5]), w),
      "conv1d: takes x [n, in, length] and w [out, in / groups, size], got [2, 4, 5] and [6, 4, 3, 3]",
    ],
    [
      ShapeError,
      () => conv2d(x, zeros([6, 3, 3, 3])),
      "conv2d: channels differ: x [2, 4, 5, 6] has 4, w [6, 3, 3, 3] is for 3",
    ],
    [
      ShapeError,
      () => conv2d(x, w, { groups: 2 }),
      "conv2d: channels differ: x [2, 4, 5, 6] has 2 in each of 2 groups, w [6, 4, 3, 3] is for 4",
    ],
    [
      ShapeError,
      () => conv2d(x, w, { groups: 3 }),
      "conv2d: 3 groups do not divide the 4 channels of x [2, 4, 5, 6]",
    ],
    [
      ShapeError,
      () => conv2d(x, zeros([5, 2, 3, 3]), { groups: 2 }),
      "conv2d: 2 groups do not divide the 5 channels of w [5, 2, 3, 3]",
    ],
    [
      ShapeError,
      () => conv2d(x, zeros([6, 4, 3, 9]), { padding: 1 }),
      "conv2d: the kernel is larger than the padded input: axis 3 of x [2, 4, 5, 6] has 8 with its padding, of w [6, 4, 3, 9] 9",
    ],
    [
      ShapeError,
      () => conv2d(x, w, { dilation: [3, 1] }),
      "conv2d: the kernel is larger than the padded input: axis 2 of x [2, 4, 5, 6] has 5 with its padding, of w [6, 4, 3, 3] 3, 7 with its dilation of 3",
    ],
    [
      ShapeError,
      () => conv2d(zeros([2, 1, 1, 200_000]), zeros([1, 1, 1, 50_000])),
      "conv: the windows of one example: [1, 1, 1, 50000, 1, 150001] has 7500050000 elements; the most that can be counted are 4294967295, stored or not",
    ],
    [
      ShapeError,
      () => conv2d(x, zeros([6, 4, 0, 3])),
      "conv2d: the kernel of w [6, 4, 0, 3] is empty",
    ],
    [
      ShapeError,
      () => conv2d(x, w, { bias: zeros([4]) }),
      "conv2d: the bias is [4], not [6], a number for each channel that w [6, 4, 3, 3] makes",
    ],
    [ShapeError, () => nn.conv2d(0, 3, 3), "conv2d: there are no inputs to weigh"],
  ],
  values: [
    [
      ValueError,
      () => conv2d(x, w, { padding: loose("full") }),
      'conv2d: there is no padding "full"; there are "valid" and "same"',
    ],
    [
      ValueError,
      () => conv2d(x, w, { padding: "same", stride: [1, 2] }),
      'conv2d: padding "same" is for a stride of 1, got [1, 2]',
    ],
    [
      ValueError,
      () => conv2d(x, w, { stride: 0 }),
      "conv2d: stride is 0; it takes whole numbers ≥ 1",
    ],
    [
      ValueError,
      () => conv2d(x, w, { padding: -1 }),
      "conv2d: padding is -1; it takes whole numbers ≥ 0",
    ],
    [
      ValueError,
      () => conv2d(x, w, { dilation: 1.5 }),
      "conv2d: dilation is 1.5; it takes whole numbers ≥ 1",
    ],
    [
      ValueError,
      () => conv2d(x, w, { groups: 0 }),
      "conv2d: groups is 0; it takes whole numbers ≥ 1",
    ],
    [
      ValueError,
      () => conv2d(x, w, { stride: [1, 1, 1] }),
      "conv2d: stride [1, 1, 1] is a list of 3; it takes a number, or a list of 2",
    ],
    [
      ValueError,
      () => nn.conv2d(4, 6, 3, { groups: 4 }),
      "conv2d: 4 groups do not divide the channels, [4, 6]",
    ],
    [
      ValueError,
      () => nn.conv1d(4, 6, [3, 3]),
      "conv1d: kernel [3, 3] is a list of 2; it takes a number, or a list of 1",
    ],
    [ValueError, () => nn.conv2d(4, 6, 0), "conv2d: kernel is 0; it takes whole numbers ≥ 1"],
  ],
  "arguments and dtypes": [
    [
      ArgumentError,
      () => conv2d(x, w, { stride: loose(["1", 1]) }),
      "conv2d: expected stride, a number or a list of 2, got string",
    ],
    [
      ArgumentError,
      () => nn.conv1d(1, 2, loose(undefined)),
      "conv1d: expected kernel, a number, got undefined",
    ],
    [
      ArgumentError,
      () => conv1d(loose([[[1]]]), zeros([1, 1, 1])),
      "conv1d: expected a tensor, got Array; make a tensor of it: tensor(…)",
    ],
    [
      ArgumentError,
      () => conv1d(zeros([1, 1, 1]), zeros([1, 1, 1]), { bias: loose(true) }),
      "conv1d: expected a tensor, got boolean",
    ],
    [
      DtypeError,
      () => conv1d(tensor([[[1]]], { dtype: "int32" }), tensor([[[1]]], { dtype: "int32" })),
      'conv1d: takes float32, got int32; cast it, as in x.cast("float32")',
    ],
  ],
};

describe.each(Object.entries(cases))("wrong %s of convolutions", (_, list) => {
  test.each(list.map(([Class, act, message]) => ({ Class, act, message })))(
    "$message",
    ({ Class, act, message }) => {
      expect(act).toThrow(new Class(message));
      expect(act).toThrow(Class);
    },
  );
});
