import { ops, selfTest } from "cotangent/check";
import { readFrom } from "../mnist.ts";
import { failureWords } from "../site/failure.ts";
import { serve } from "../site/service.ts";
import { compareRecipes } from "./compare.ts";
import type { Answer, Machine, News, Question } from "./protocol.ts";

/** What has happened, told as fast as somebody asks. */
class Mailbox {
  #waiting: News[] = [];
  #wake = () => {};

  readonly put = (news: News): void => {
    this.#waiting.push(news);
    this.#wake();
  };

  async take(): Promise<readonly News[]> {
    if (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#waiting.splice(0);
  }
}

serve<object, Question, Answer>((_, { base, device }) => {
  const mailbox = new Mailbox();
  let stop = new AbortController();

  const begin = (act: (signal: AbortSignal) => Promise<unknown>) => {
    stop = new AbortController();
    const { signal } = stop;
    act(signal)
      .then(() => mailbox.put({ kind: "end", isWhole: !signal.aborted }))
      .catch((error: unknown) => {
        const failure = failureWords(error);
        mailbox.put({ kind: "end", isWhole: false, ...(!signal.aborted && { failure }) });
      });
  };
  const machine = (): Machine => {
    const { vendor, architecture, device: name, description } = device.gpu?.adapterInfo ?? {};
    const adapter = { vendor, architecture, device: name, description };
    const told = Object.entries(adapter).filter((entry): entry is [string, string] => !!entry[1]);
    return {
      ops: ops.map(({ name: op }) => op),
      info: device.info,
      adapter: { ...Object.fromEntries(told), software: device.info.isFallback ? "yes" : "no" },
    };
  };

  return {
    async ask(question) {
      switch (question.kind) {
        case "machine":
          return { machine: machine() };
        case "test":
          begin((signal) =>
            selfTest({
              only: question.only,
              signal,
              onProgress: (done, total, result) =>
                mailbox.put({ kind: "result", done, total, result }),
            }),
          );
          return {};
        case "train":
          begin((signal) => compareRecipes(readFrom(base), question.epochs, signal, mailbox.put));
          return {};
        case "stop":
          stop.abort();
          return {};
        case "news":
          return { news: await mailbox.take() };
      }
    },
  };
});
