/** A number as text with minus signs in place of JavaScript's hyphens, its exponent's too; other words stay. */
export const minus = (text: string): string => text.replace(/(?<=^|\d[eE])-(?=[\d.∞])/g, "−");
