// The weight of a new batch in the smoothed loss: about the mean of the last 12.
const weight = 1 / 12;

/** What a run has shown so far: the loss of each step, and the exams. */
export class History {
  losses: number[] = [];
  /** The running mean of the losses, exponentially weighted. */
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
    for (const loss of losses) {
      // While there are fewer than 1 / weight losses it is their plain mean.
      const share = Math.max(weight, 1 / (this.step + 1));
      const before = this.smooth.at(-1) ?? loss;
      this.losses.push(loss);
      this.smooth.push(before + share * (loss - before));
    }
  }

  addExam({ step, accuracy }: { step: number; accuracy: number }): void {
    this.exams.push({ step, accuracy });
  }

  /** Forgets what came after a step, which a lost device has to make again. */
  rewind(step: number): void {
    this.losses.length = step;
    this.smooth.length = step;
    this.exams = this.exams.filter((exam) => exam.step <= step);
  }

  /** Mean loss over a finished epoch, from 1, and the accuracy after it. */
  summary(epoch: number): { loss: number; accuracy: number | undefined } {
    const end = epoch * this.stepsPerEpoch;
    const own = this.losses.slice(end - this.stepsPerEpoch, end);
    return {
      loss: own.reduce((a, b) => a + b, 0) / own.length,
      accuracy: this.exams.find((exam) => exam.step === end)?.accuracy,
    };
  }
}
