import { signal } from "@preact/signals-core";
import type { Adapter } from "../adapter.ts";
import { showAdapter } from "../site/badge.tsx";
import type { Line } from "./protocol.ts";

const adapter = signal<Adapter | null>(null);
showAdapter(adapter);

/** Runs the program of a figure in a thread of its own, and writes below it what it says. */
function run(figure: HTMLElement): void {
  const button = figure.querySelector("button")!;
  const output = figure.querySelector("output")!;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const lines: string[] = [];
  const end = (words: string) => {
    worker.terminate();
    button.disabled = false;
    figure.querySelector("[role=status]")!.textContent = words;
  };
  button.disabled = true;
  figure.querySelector("[role=status]")!.textContent = "It runs …";
  worker.addEventListener("message", ({ data }: MessageEvent<Line>) => {
    if (data.kind === "adapter") adapter.value = data.adapter;
    else if (data.kind === "text") lines.push(data.text);
    else if (data.kind === "failure") end(data.text);
    else {
      const where = adapter.value?.backend === "cpu" ? "without a GPU" : "on your GPU";
      const time =
        data.milliseconds < 100 ? data.milliseconds.toFixed(1) : data.milliseconds.toFixed(0);
      end(`${time} ms ${where}, the making of its GPU programs included.`);
    }
    output.textContent = lines.join("\n");
  });
  worker.addEventListener("error", ({ message }) =>
    end(message || "The program could not be loaded."),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  worker.postMessage(figure.dataset["program"]);
}

const figures = [...document.querySelectorAll<HTMLElement>("[data-program]")];
for (const figure of figures) {
  figure.querySelector("button")!.addEventListener("click", () => run(figure));
}
run(figures[0]);
