import type { Values } from "../site/settings.ts";
import type { Design } from "./model.ts";
import { reduced, type Grey } from "./picture.ts";
import { scene } from "./scene.ts";
import { chosen, suited, type fields, type Machine } from "./settings.ts";

/** What is to be learned, and by which networks, on this machine. */
export function taskOf(
  settings: Values<typeof fields>,
  machine: Machine,
): { picture: Grey; design: Design } {
  const suits = suited(machine);
  const longest = chosen(settings.size, suits.size);
  const picture = settings.image ? reduced(settings.image, longest) : scene(longest);
  const width = chosen(settings.width, suits.width);
  const batch = Math.min(chosen(settings.batch, suits.batch), picture.values.length);
  return { picture, design: { ...settings, width, batch } };
}
