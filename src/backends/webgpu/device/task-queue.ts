import type { Storage } from "../../../graph/backend.ts";

/** Something to be done on the device, after all that was asked for before. */
export interface Task {
  /**
   * The values that it reads and writes. The queue holds them until the task is over: room that was let go before would
   * be handed out again, and be written to twice. Variables need no holding: whoever is to find one's place refers to it,
   * and what frees the place waits in the queue as well.
   */
  holds: readonly Storage[];
  /** What has to be there first; null where nothing is missing. */
  ready: Promise<unknown> | null;
  run(): void | Promise<void>;
  fail(error: unknown): void;
}

/** Does tasks in the order in which they came; at once while nothing is waited for. */
export class TaskQueue {
  readonly #waiting: Task[] = [];
  #draining: Promise<void> | null = null;

  add(task: Task): void {
    for (const storage of task.holds) storage.retain();
    if (this.#draining || task.ready) {
      this.#wait(task);
      return;
    }
    try {
      const done = task.run();
      if (done) this.#wait({ ...task, run: () => done });
      else release(task);
    } catch (error) {
      task.fail(error);
      release(task);
    }
  }

  #wait(task: Task): void {
    // What fails before its turn is heard of then.
    task.ready?.catch(() => {});
    this.#waiting.push(task);
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    for (let task = this.#waiting.shift(); task; task = this.#waiting.shift()) {
      try {
        if (task.ready) await task.ready;
        const done = task.run();
        if (done) await done;
      } catch (error) {
        task.fail(error);
      }
      release(task);
    }
    this.#draining = null;
  }
}

function release({ holds }: Task): void {
  for (const storage of holds) storage.release();
}
