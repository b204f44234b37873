/** What can be found: a name of the API. */
export interface Entry {
  name: string;
  /** Of its docstring. */
  words: string;
  /** Its fields, options and methods. */
  members: readonly string[];
  /** What these say of themselves, and what the programs are called that use it. */
  more: string;
}

/** As a name is written: whoever looks for "one hot" or "cross_entropy" means a name of this library's. */
const joined = (query: string) => query.replace(/[\s_-]+/g, "");

/** How well an entry answers, the less the better; Infinity where it does not. */
function distance({ name, words, members, more }: Entry, query: string): number {
  const short = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const full = name.toLowerCase();
  const meant = joined(query);
  if (full === meant) return 0;
  if (short === meant) return 1;
  if (members.some((member) => member.toLowerCase() === meant)) return 2;
  if (short.startsWith(meant)) return 3;
  if (full.includes(meant)) return 4;
  const saysAll = (text: string) => query.split(/\s+/).every((word) => text.includes(word));
  const said = `${full} ${words.toLowerCase()}`;
  if (saysAll(said)) return 5;
  return saysAll(`${said} ${members.join(" ")} ${more}`.toLowerCase()) ? 6 : Infinity;
}

/** The entries that answer to a query, the best first. */
export function find<E extends Entry>(entries: readonly E[], query: string): E[] {
  const wanted = query.trim().toLowerCase().replace(/^x?\./, "");
  if (!wanted) return [...entries];
  return entries
    .map((entry) => ({ entry, at: distance(entry, wanted) }))
    .filter(({ at }) => at < Infinity)
    .sort((a, b) => a.at - b.at)
    .map(({ entry }) => entry);
}

/** What a part of the address says; as it stands there where it is no text. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
