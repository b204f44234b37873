/** How many losses on either side of one are averaged with it. */
const reach = 8;

/** What a run has shown so far: the loss of each step, and the exams. */
export class History {
  losses: number[] = [];
  /** Each loss averaged with as many before as behind it, so that the curve lags nowhere but at its end. */
  smooth: number[] = [];
  exams: { step: number; accuracy: number }[] = [];
  readonly stepsPerEpoch: number;

  constructor(stepsPerEpoch: number) {
    this.stepsPerEpoch = stepsPerEpoch;
  }

  get step(): number {
    return this.losses.length;
  }

  get epoch(): number {
    return Math.floor(this.step / this.stepsPerEpoch);
  }

  add(losses: Iterable<number>): void {
    const { step } = this;
    this.losses.push(...losses);
    // The newest were averaged with what there was of their neighbours.
    for (let i = Math.max(0, step - reach); i < this.step; i++) {
      const before = Math.min(reach, i);
      const near = this.losses.slice(i - before, i + before + 1);
      this.smooth[i] = near.reduce((sum, loss) => sum + loss, 0) / near.length;
    }
  }

  addExam({ step, accuracy }: { step: number; accuracy: number }): void {
    this.exams.push({ step, accuracy });
  }

  /** Forgets what came after a step, which a lost device has to make again. */
  rewind(step: number): void {
    this.losses.length = step;
    this.smooth.length = step;
    this.add([]);
    this.exams = this.exams.filter((exam) => exam.step <= step);
  }
}
