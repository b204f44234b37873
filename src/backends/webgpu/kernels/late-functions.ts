import asin from "../../../../shaders/functions/asin.wgsl?raw";
import asinh from "../../../../shaders/functions/asinh.wgsl?raw";
import atan from "../../../../shaders/functions/atan.wgsl?raw";
import base2 from "../../../../shaders/functions/base2.wgsl?raw";
import erf from "../../../../shaders/functions/erf.wgsl?raw";
import gelu from "../../../../shaders/functions/gelu.wgsl?raw";
import log1p from "../../../../shaders/functions/log1p.wgsl?raw";
import mish from "../../../../shaders/functions/mish.wgsl?raw";
import normal from "../../../../shaders/functions/normal.wgsl?raw";
import numbers from "../../../../shaders/functions/numbers.wgsl?raw";
import permutation from "../../../../shaders/functions/permutation.wgsl?raw";
import pow from "../../../../shaders/functions/pow.wgsl?raw";
import remainder from "../../../../shaders/functions/remainder.wgsl?raw";
import sinc from "../../../../shaders/functions/sinc.wgsl?raw";
import sinh from "../../../../shaders/functions/sinh.wgsl?raw";
import swish from "../../../../shaders/functions/swish.wgsl?raw";
import trig from "../../../../shaders/functions/trig.wgsl?raw";

/** The files of shaders/functions that a program loads when it calls something of them. */
export const files = [
  asin,
  asinh,
  atan,
  base2,
  erf,
  gelu,
  log1p,
  mish,
  normal,
  numbers,
  permutation,
  pow,
  remainder,
  sinc,
  sinh,
  swish,
  trig,
];
