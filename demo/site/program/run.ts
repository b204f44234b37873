import type { Adapter } from "../../adapter.ts";
import { onMachine } from "../machine.ts";
import type { Line } from "./protocol.ts";

export const timeOf = (milliseconds: number): string =>
  milliseconds.toFixed(milliseconds < 100 ? 1 : 0);

interface ProgramOptions {
  /** Makes the worker of one run; the library is loaded with it. */
  open: () => Worker;
  /** Hears all that a program says. */
  hear?: (program: HTMLElement, line: Line) => void;
}

/**
 * Has the buttons of the page's programs run them, and gives what runs one: in a thread of its own, unless it is running,
 * with what it says written below it.
 */
export function offerPrograms({ open, hear }: ProgramOptions): (program: HTMLElement) => void {
  const run = (program: HTMLElement) => {
    const button = program.querySelector("button")!;
    if (button.disabled) return;
    const output = program.querySelector("output")!;
    const status = program.querySelector("[role=status]")!;
    const worker = open();
    const lines: string[] = [];
    let adapter: Adapter | null = null;
    const end = (words: string) => {
      worker.terminate();
      button.disabled = false;
      status.textContent = words;
    };
    button.disabled = true;
    status.textContent = "It runs …";
    worker.addEventListener("message", ({ data }: MessageEvent<Line>) => {
      if (data.kind === "adapter") adapter = data.adapter;
      else if (data.kind === "text") lines.push(data.text);
      else if (data.kind === "failure") end(data.text);
      else if (data.kind === "end")
        end(
          `${timeOf(data.milliseconds)} ms ${onMachine(adapter)}, the making of its GPU programs included.`,
        );
      output.textContent = lines.join("\n");
      hear?.(program, data);
    });
    worker.addEventListener("error", ({ message }) =>
      end(message || "The program could not be loaded."),
    );
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    worker.postMessage(program.dataset["program"]);
  };
  for (const program of document.querySelectorAll<HTMLElement>("[data-program]")) {
    const button = program.querySelector("button")!;
    button.addEventListener("click", () => run(program));
    button.disabled = false;
  }
  return run;
}
