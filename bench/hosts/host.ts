import type { AdapterName } from "../measure/devices.ts";
import type { Effort, Row } from "../measure/measure.ts";
import type { FirstStep } from "../session.ts";

/** Where the libraries run. A library is named by the folder of its builds, below the folder of all. */
export interface Host {
  /** The name and version of what runs JavaScript. */
  name: string;
  open(libraries: readonly string[]): Promise<AdapterName>;
  run(workload: string, modes: readonly string[], effort: Effort): Promise<Row[]>;
  /** In a fresh page or process. */
  firstStep(library: string): Promise<FirstStep & { files: string[] }>;
  close(): Promise<void>;
}
