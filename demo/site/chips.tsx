import type { ComponentChild } from "preact";

interface ChipsProps<K extends string> {
  /** Of the group. */
  name: string;
  /** What each is called. */
  options: Readonly<Record<K, string>>;
  value: NoInfer<K>;
  choose: (value: K) => void;
}

/** Scrolls a row that is too long for a phone so far that a choice of it is to be seen; the page stays where it is. */
function bringIntoRow(choice: HTMLElement | null): void {
  const row = choice?.parentElement;
  if (!choice || !row) return;
  // With the next frame the page is laid out in any case.
  requestAnimationFrame(() => {
    const [seen, own] = [row.getBoundingClientRect(), choice.getBoundingClientRect()];
    row.scrollLeft += Math.min(0, own.left - seen.left) + Math.max(0, own.right - seen.right);
  });
}

/** One of several, all in view: what `.chips` of the style sheet is for. */
export const Chips = <K extends string>({
  name,
  options,
  value,
  choose,
}: ChipsProps<K>): ComponentChild =>
  Object.entries<string>(options).map(([each, text]) => (
    <label key={each} ref={each === value ? bringIntoRow : null}>
      <input
        type="radio"
        name={name}
        value={each}
        checked={each === value}
        onChange={() => choose(each as K)}
      />
      <span>{text}</span>
    </label>
  ));
