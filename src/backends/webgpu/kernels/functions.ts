import bits from "../../../../shaders/functions/bits.wgsl?raw";
import exp from "../../../../shaders/functions/exp.wgsl?raw";
import expm1 from "../../../../shaders/functions/expm1.wgsl?raw";
import log from "../../../../shaders/functions/log.wgsl?raw";
import modulo from "../../../../shaders/functions/modulo.wgsl?raw";
import random from "../../../../shaders/functions/random.wgsl?raw";
import sigmoid from "../../../../shaders/functions/sigmoid.wgsl?raw";
import tanh from "../../../../shaders/functions/tanh.wgsl?raw";

/** Which file of shaders/functions declares a function, of those that are there. */
const fileOf = new Map<string, string>();

function add(files: readonly string[]): void {
  for (const text of files) {
    for (const [, name] of text.matchAll(/^fn (\w+)\(/gm)) fileOf.set(name, text);
  }
}

// What most programs that train call: the last layer's loss, the usual activations, first values, Adam's corrections.
add([bits, exp, expm1, log, modulo, random, sigmoid, tanh]);

/** What a text calls. */
const calledIn = (text: string): string[] =>
  [...text.matchAll(/\b(\w+)\(/g)].map(([, name]) => name);

/** How the names begin or end of what is in the files that are loaded for it, and of nothing else that shaders call. */
const LATE = /[a-z]{2}f$|^(atan2f|exp2f|log1p|log2f|quotient|random|sigmoidTimes|sinc|to)/;

/** Brings the files of shaders/functions that a shader needs; null where they are there. */
export function loadFunctions(wgsl: string): Promise<void> | null {
  const isMissing = (name: string) => LATE.test(name) && !fileOf.has(name);
  if (!calledIn(wgsl).some(isMissing)) return null;
  return import("./late-functions.ts").then(({ files }) => add(files));
}

/** A shader with the files of shaders/functions that declare what it calls, and what these call in turn. */
export function withFunctions(wgsl: string): string {
  const texts = new Set([wgsl]);
  for (const text of texts) {
    for (const name of calledIn(text)) if (fileOf.has(name)) texts.add(fileOf.get(name)!);
  }
  return [...texts].join("\n");
}
