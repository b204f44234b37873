import { describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("in a Web Worker, %s", (backend) => {
  test("trains", async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const losses = await new Promise<number[] | string>((resolve, reject) => {
      worker.addEventListener("message", ({ data }: MessageEvent<number[] | string>) =>
        resolve(data),
      );
      worker.addEventListener("error", ({ message }) => reject(new Error(message)));
      worker.postMessage(backend, []);
    });
    worker.terminate();
    expect(losses).toHaveLength(10);
    expect(losses[9]).toBeLessThan(Number(losses[0]) / 2);
  }, 120_000);
});
