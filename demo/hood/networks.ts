import { fields as activations } from "../activations/settings.ts";
import { fields as approximation } from "../approximation/settings.ts";
import { formulaFields as derivatives } from "../derivatives/formula-settings.ts";
import { fields as digits } from "../digits/settings.ts";
import { fields as spirals } from "../index/settings.ts";
import { fields as playground } from "../playground/settings.ts";
import type { RecipeName } from "../recipes/list.ts";
import { fields as siren } from "../siren/settings.ts";
import { choice, Settings, type Fields, type Values } from "../site/settings.ts";

/** Which of the recipes that are trained on the page Validate. */
const validate = {
  recipe: choice<RecipeName>({
    label: "Recipe",
    effect: "rebuild",
    options: { "softmax-sgd": "softmax, SGD", "mlp-sgd": "MLP, SGD", "mlp-adam": "MLP, Adam" },
    initial: "mlp-adam",
  }),
};

/** The settings of the pages whose networks can be looked into, by the name of the page; the last has no page. */
const fieldsOf = {
  digits,
  index: spirals,
  playground,
  approximation,
  siren,
  activations,
  derivatives,
  validate,
  convolution: {},
} satisfies Record<string, Fields>;

export type NetworkName = keyof typeof fieldsOf;

/** What each is called. */
export const networkNames: Readonly<Record<NetworkName, string>> = {
  digits: "Digits",
  index: "Spirals",
  playground: "Playground",
  approximation: "Approximation",
  siren: "SIREN",
  activations: "Activations",
  derivatives: "Derivatives",
  validate: "Validate",
  convolution: "Convolutions",
};

const isNetwork = (name: string): name is NetworkName => Object.hasOwn(fieldsOf, name);

/** The settings that a page's link says. */
export const settingsOf = <N extends NetworkName>(
  name: N,
  link: string,
): Values<(typeof fieldsOf)[N]> => new Settings(fieldsOf[name], `#${link}`).values;

/** What of a link is not as it begins there. */
const normalised = (name: NetworkName, link: string): string =>
  new Settings<Fields>(fieldsOf[name], `#${link}`).link.slice(1);

/** A network of a page, as the page's link says. */
export interface Chosen {
  net: NetworkName;
  with: string;
}

/** Which network the link to a page shows; null where it shows none. */
export function understand(link: string): Chosen | null {
  const text = link.trim();
  if (!URL.canParse(text, "https://site.invalid/")) return null;
  const { pathname, hash, origin } = new URL(text, "https://site.invalid/");
  // A word alone is no link.
  if (origin === "https://site.invalid" && !/[#/]|\.html/.test(text)) return null;
  const name = /([^/]*?)(\.html)?$/.exec(pathname)?.[1] || "index";
  const own = hash.slice(1);
  if (name === "hood") {
    const given = new URLSearchParams(own);
    const net = given.get("net") ?? "digits";
    return isNetwork(net)
      ? { net, with: normalised(net, given.get("with") ?? initialOf(net)) }
      : null;
  }
  if (!isNetwork(name) || name === "convolution") return null;
  return { net: name, with: normalised(name, own) };
}

/** The network of a page that is shown first. */
export const initialOf = (name: NetworkName): string =>
  name === "digits" ? "network=784-256-128-10" : "";

/** The page of a network, as it is set there; undefined where it has none. */
export const pageOf = (name: NetworkName, link: string): string | undefined => {
  if (name === "convolution") return undefined;
  // Which recipe is looked at, that page does not know.
  const hash = name === "validate" || link === "" ? "" : `#${link}`;
  return `./${name}.html${hash}`;
};
