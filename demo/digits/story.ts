import { make, percent } from "../dom.ts";
import type { History } from "./history.ts";

const figure = (text: string) => make("em", {}, text);

/** The headline: in one sentence, how far the network has come. */
export function tellStory(headline: HTMLElement, history: History, batch: number): void {
  const exam = history.exams.at(-1);
  if (!exam) {
    headline.replaceChildren("A network that knows nothing yet is about to learn to read.");
    return;
  }
  const accuracy = percent(exam.accuracy, 1);
  if (exam.step === 0) {
    headline.replaceChildren(
      "This network has never seen a digit. Of 100 it gets ",
      figure(String(Math.round(100 * exam.accuracy))),
      " right, by chance.",
    );
    return;
  }
  headline.replaceChildren(
    "This network has practised on ",
    figure((exam.step * batch).toLocaleString("en")),
    " digits and now reads ",
    figure(accuracy),
    " of new ones.",
  );
}
