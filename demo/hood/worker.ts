import { inspect } from "cotangent/check";
import { serve } from "../site/service.ts";
import type { Values } from "../site/settings.ts";
import { layoutOf } from "./layout.ts";
import { programTimes, subjectOf, wallTime } from "./model.ts";
import type { Answer, Question } from "./protocol.ts";
import type { fields } from "./settings.ts";
import { titlesOf } from "./words.ts";

serve<Values<typeof fields>, Question, Answer>(async (settings, { base, device, progress }) => {
  const subject = await subjectOf(settings.net, { link: settings.with, base, info: device.info });
  progress(0, 1);
  const inspection = await inspect(subject.step, ...subject.args);
  const titles = titlesOf(inspection);
  const { what, name } = subject;
  return {
    ready: () => subject.step.ready(...subject.args),
    async ask(question): Promise<Answer> {
      switch (question.kind) {
        case "inspect":
          return {
            anatomy: { ...inspection, what, name, titles },
            layout: layoutOf(inspection.nodes, titles, question.aspect),
          };
        case "measure": {
          const wall = await wallTime(subject);
          return {
            times: { wall, programs: await programTimes(subject, device.info.backend === "cpu") },
          };
        }
        case "source": {
          const { highlightWgsl } = await import("./highlight.ts");
          const { wgsl } = inspection.dispatches[question.program];
          return { html: highlightWgsl(wgsl) };
        }
      }
    },
  };
});
