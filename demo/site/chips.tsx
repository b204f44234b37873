import type { ComponentChild } from "preact";

interface ChipsProps<K extends string> {
  /** Of the group. */
  name: string;
  /** What each is called. */
  options: Readonly<Record<K, string>>;
  value: NoInfer<K>;
  choose: (value: K) => void;
}

/** One of several, all in view: what `.chips` of the style sheet is for. */
export const Chips = <K extends string>({
  name,
  options,
  value,
  choose,
}: ChipsProps<K>): ComponentChild =>
  Object.entries<string>(options).map(([each, text]) => (
    <label key={each}>
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
