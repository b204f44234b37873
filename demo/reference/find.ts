/** What can be found: a name of the API with the words of its docstring. */
export interface Entry {
  name: string;
  words: string;
}

/** How well an entry answers, the less the better; Infinity where it does not. */
function distance({ name, words }: Entry, query: string): number {
  const short = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const full = name.toLowerCase();
  if (full === query) return 0;
  if (short === query) return 1;
  if (short.startsWith(query)) return 2;
  if (full.includes(query)) return 3;
  const text = words.toLowerCase();
  const isMeant = query.split(/\s+/).every((word) => full.includes(word) || text.includes(word));
  return isMeant ? 4 : Infinity;
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
