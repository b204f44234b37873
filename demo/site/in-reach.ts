/** What is nearer to the lower edge than this is not what one looks at; the bar lies there. */
const rootMargin = "0px 0px -30%";

/** On a phone a bar of the class "in-reach" lies at the lower edge as long as some of what it moves is in view. */
export function keepInReach(bar: Element, moved: Element): void {
  const observer = new IntersectionObserver(
    (entries) => bar.toggleAttribute("data-away", !entries.at(-1)?.isIntersecting),
    { rootMargin },
  );
  observer.observe(moved);
}
