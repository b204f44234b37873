import { compilations, firstLoss, firstStep, open, run } from "../session.ts";

const session = { open, run, firstLoss, firstStep, compilations };

/** A call of one of the session's functions. */
export interface Call {
  name: keyof typeof session;
  args: unknown[];
}

export type Answer = { result: unknown } | { error: string };

// A name that bundlers don't see: Dawn is resolved when this runs. All libraries find it where a
// browser has it; the classes are needed before any loads, to count calls on them.
const name = "webgpu";
const { create, globals } = (await import(/* @vite-ignore */ name)) as {
  create(flags: string[]): GPU;
  globals: object;
};
Object.assign(globalThis, globals);
const navigator = { gpu: create([]), userAgent: `Node ${process.version}` };
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });

async function answer({ name, args }: Call): Promise<Answer> {
  try {
    const call = session[name] as (...args: unknown[]) => Promise<unknown>;
    return { result: await call(...args) };
  } catch (error) {
    return { error: String(error) };
  }
}

process.on("message", (call: Call) => {
  void answer(call).then((answer) => process.send?.(answer));
});
