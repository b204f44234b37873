import { compilations, firstLoss, firstStep, open, run } from "../session.ts";

const session = { open, run, firstLoss, firstStep, compilations };

/** A call of one of the session's functions. */
export interface Call {
  name: keyof typeof session;
  args: unknown[];
}

export type Answer = { result: unknown } | { error: string };

// A name that bundlers don't see: Dawn is resolved when this runs. The classes are needed before
// any library loads, to count calls on them.
const dawn = "webgpu";
const { globals } = (await import(/* @vite-ignore */ dawn)) as { globals: object };
Object.assign(globalThis, globals);

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
