import { DeviceError, init, type Device } from "cotangent";
import { adapterOf } from "../../adapter.ts";
import type { Line } from "./protocol.ts";
import { shown } from "./shown.ts";

/** Longer than this, what is written is a curve, too. */
const least = 99;

const say = (line: Line) => postMessage(line);

/** Answers a page that names a program by one run of it: what it writes to its console goes to the page. */
export function serveProgram(program: (name: string, device: Device) => Promise<unknown>): void {
  const run = async (name: string) => {
    const device = await init().catch((error: unknown) => {
      if (error instanceof DeviceError) return init({ backend: "cpu" });
      throw error;
    });
    say({ kind: "adapter", adapter: adapterOf(device) });
    console.log = (...values: unknown[]) => {
      say({ kind: "text", text: values.map(shown).join(" ") });
      for (const value of values)
        if (value instanceof Float32Array && value.length > least)
          say({ kind: "series", values: value });
    };
    const start = performance.now();
    await program(name, device);
    say({ kind: "end", milliseconds: performance.now() - start });
  };
  addEventListener("message", ({ data }: MessageEvent<string>) => {
    run(data).catch((error: unknown) => say({ kind: "failure", text: String(error) }));
  });
}
