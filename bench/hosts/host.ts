import type { AdapterName } from "../measure/devices.ts";
import type { Effort, Row } from "../measure/measure.ts";
import type { Compilation } from "../measure/pipelines.ts";
import type { FirstStep } from "../session.ts";

/** Where the libraries run. Files that were built are named below the folder of all that is built. */
export interface Host {
  /** The name and version of what runs JavaScript. */
  name: string;
  /** Loads the libraries, by name with their files, and those that run in WebAssembly. */
  open(
    libraries: Record<string, string>,
    wasm: Record<string, string>,
    reference: string,
  ): Promise<AdapterName>;
  run(workload: string, modes: readonly string[], effort: Effort): Promise<Row[]>;
  /** The loss of a network's first step, by the reference. */
  firstLoss(network: string): Promise<number>;
  /** In a browser or process of its own; the scripts that were fetched for it, and, if asked, each pipeline's time. */
  firstStep(
    file: string,
    network: string,
    pipelines?: boolean,
  ): Promise<FirstStep & { files: string[]; compilations: Compilation[] }>;
  close(): Promise<void>;
}
