// WCAG 2.2 contrast of the token pairs that the design system puts on each other, in both themes.
// Run: npm run contrast. Text needs 4.5, the border of a control 3 (1.4.3, 1.4.11).
import { readFileSync } from "node:fs";

const css = readFileSync(new URL("./main.css", import.meta.url), "utf8");
const tones = ["crit", "high", "med", "low", "ok", "maint", "accent"];
const grounds = ["bg", "surface", "raised", "sunken", "hover"];
const pairs = [
  ...["ink", "ink-2", "ink-3"].flatMap((ink) => grounds.map((on) => [ink, on, 4.5])),
  ...tones.flatMap((tone) => [`${tone}-soft`, "surface", "bg", "raised", "sunken", "hover"].map((on) => [tone, on, 4.5])),
  ...["accent", "accent-hover"].map((on) => ["accent-ink", on, 4.5]),
  ...["crit", "crit-hover"].map((on) => ["crit-ink", on, 4.5]),
  ...tones.map((tone) => ["ink", `${tone}-soft`, 4.5]),
  ["line-field", "surface", 3], ["line-field", "raised", 3],
];

/** Relative luminance of oklch(L% C H) (CSS Color 4, Oklab to linear sRGB). */
function luminance([l, c, h]) {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  const [x, y, z] = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.291485548 * b].map((v) => v ** 3);
  const clip = (v) => Math.min(1, Math.max(0, v));
  return 0.2126 * clip(4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z)
    + 0.7152 * clip(-1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z)
    + 0.0722 * clip(-0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z);
}

function tokens(selector) {
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0];
  return Object.fromEntries([...block.matchAll(/--([\w-]+): oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)/g)].map(([, name, l, c, h]) => [name, [l / 100, +c, +h]]));
}

const dark = tokens('[data-theme="dark"]');
if (JSON.stringify(dark) !== JSON.stringify(tokens('[data-theme="system"]'))) throw new Error("dark and system tokens differ");
let failed = 0;
for (const [theme, set] of [["light", tokens(":root")], ["dark", dark]]) {
  for (const [ink, on, least] of pairs) {
    const [hi, lo] = [luminance(set[ink]), luminance(set[on])].sort((p, q) => q - p);
    const ratio = (hi + 0.05) / (lo + 0.05);
    if (ratio < least) { failed += 1; console.error(`${theme}: --${ink} on --${on} is ${ratio.toFixed(2)}, needs ${least}`); }
  }
}
console.log(failed ? `${failed} pairs fail` : `${pairs.length * 2} pairs pass`);
process.exit(failed ? 1 : 0);
