import type { Reference, Signature } from "./model.ts";

/** What the docstrings of the public API leave unsaid, a line for each gap. */
export function lacks({ things }: Reference): string[] {
  const lines: string[] = [];
  for (const { name, file, summary, signatures, members, hidden } of things) {
    const complain = (gap: string) => lines.push(`${file}: ${name} ${gap}`);
    if (!summary) complain("has no docstring");
    for (const type of hidden) complain(`names ${type}, which nobody can import`);
    for (const call of signatures) ofCall(call, complain);
    for (const member of members) {
      const about = (gap: string) => complain(`.${member.name} ${gap}`);
      if (!member.summary) about("has no docstring");
      for (const type of member.hidden) about(`names ${type}, which nobody can import`);
      for (const call of member.signatures) ofCall(call, about);
    }
  }
  return [...new Set(lines)];
}

function ofCall(
  { parameters, returns, throws, thrown, hidden }: Signature,
  complain: (gap: string) => void,
): void {
  for (const { name, doc } of parameters)
    if (!doc) complain(`says nothing of its parameter ${name}`);
  for (const type of hidden) complain(`names ${type}, which nobody can import`);
  if (returns && !returns.doc) complain("says nothing of its result");
  for (const { error, doc } of throws) {
    if (!/^[A-Z]\w*Error$/.test(error) || !doc)
      complain(`throws "${error} ${doc}", which is not an error and when`);
  }
  for (const error of thrown) {
    if (!throws.some((each) => each.error === error)) complain(`says nothing of its ${error}`);
  }
}
