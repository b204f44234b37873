import type { Case } from "./format.ts";
import { attention } from "./rules/attention.ts";
import { bits } from "./rules/bits.ts";
import { binary } from "./rules/binary.ts";
import { complex } from "./rules/complex.ts";
import { composite } from "./rules/composite.ts";
import { conv } from "./rules/conv.ts";
import { elementwise, stem } from "./rules/elementwise.ts";
import { index } from "./rules/index.ts";
import { lecture } from "./rules/lecture.ts";
import { linalg } from "./rules/linalg.ts";
import { loss } from "./rules/loss.ts";
import { matmul } from "./rules/matmul.ts";
import { norm } from "./rules/norm.ts";
import { reduce } from "./rules/reduce.ts";
import type { Rule, Rules } from "./rules/rule.ts";

const rules: Rules = {
  ...attention,
  ...binary,
  ...bits,
  ...complex,
  ...composite,
  ...conv,
  ...elementwise,
  ...index,
  ...lecture,
  ...linalg,
  ...loss,
  ...matmul,
  ...norm,
  ...reduce,
};

/** How to compute the op of a case; undefined where nothing in the library does. */
export const ruleOf = ({ op }: Case): Rule | undefined => rules[op] ?? rules[stem(op)];
