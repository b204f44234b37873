import { signal, type ReadonlySignal } from "@preact/signals-core";
import { colorNames, type Palette } from "./palette.ts";

// The style sheet says what the colours are; here they are read once for each theme, since asking for a computed style
// in every frame would cost more than all drawing.

const probe = document.createElement("i");
probe.hidden = true;
probe.style.setProperty("forced-color-adjust", "none");
document.body.append(probe);

function read(): Palette {
  const entries = colorNames.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  return Object.fromEntries(entries) as Palette;
}

const current = signal(read());

/** The colours of the theme that the page has now: light, dark, or the visitor's own. */
export const palette: ReadonlySignal<Palette> = current;

for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
  matchMedia(query).addEventListener("change", () => (current.value = read()));
