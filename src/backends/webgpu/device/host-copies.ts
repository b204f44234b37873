import type { HostArray } from "../../../base/dtype.ts";
import { WeakList } from "../../../base/weak-list.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import type { Variable } from "../../../graph/variable.ts";

/** Values on the host from which a lost device is restored. */
export class Snapshot {
  variables = new WeakMap<Variable, HostArray>();
  constants = new WeakMap<Tensor, HostArray>();
  readonly #kept = new WeakList<Tensor>();
  #taken = false;

  /** Includes a constant; where there is a snapshot already, in that one. Its value never changes, so it is read once. */
  keep(x: Tensor, read: (x: Tensor) => Promise<HostArray>): void {
    this.#kept.add(x);
    if (!this.#taken) return;
    // A device that is lost before the value is here takes it along.
    read(x).then(
      (data) => this.constants.set(x, data),
      () => {},
    );
  }

  /** After a loss: constants that came after the snapshot, and whose values were not here yet, are computed again. */
  recompute(): void {
    if (!this.#taken) return;
    for (const x of this.#kept) if (!this.constants.has(x)) x.unsettle();
  }

  /** Takes the place of the last snapshot when all values are there. */
  async take(
    variables: readonly Variable[],
    read: (x: Tensor) => Promise<HostArray>,
  ): Promise<void> {
    const values = variables.map(async (v) => [v, await read(v.stored)] as const);
    // One that went with a device has no value until it is needed again, and then it is computed.
    const constants = [...new Set(this.#kept)].map(async (x) => {
      if (x.source && !this.constants.has(x)) this.constants.set(x, await read(x));
    });
    const [all] = await Promise.all([Promise.all(values), Promise.all(constants)]);
    this.variables = new WeakMap(all);
    this.#taken = true;
  }
}
