/** Something to be done on the device, after all that was asked for before. */
export interface Task {
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
    if (this.#draining || task.ready) {
      this.#waiting.push(task);
      this.#draining ??= this.#drain();
      return;
    }
    try {
      const done = task.run();
      if (!done) return;
      this.#waiting.push({ ready: null, run: () => done, fail: task.fail });
      this.#draining = this.#drain();
    } catch (error) {
      task.fail(error);
    }
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
    }
    this.#draining = null;
  }
}
