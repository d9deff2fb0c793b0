// What the symbols and colours mean, drawn with the very code that draws the map.

import { h } from "../dom";
import { type Look, paintSymbol } from "../map/sprites";
import { TARGETS } from "../words/names";

const LOOK_WORDS: readonly [Look, string][] = [
  ["confirmed", "confirmed: filled"],
  ["tentative", "tentative: dotted, not yet sure"],
  ["coasting", "coasting: dashed, not seen now"],
  ["hidden", "hidden: hatched, no sensor can see it now"],
  ["foreign", "system track of another tracker"],
];

function entry(look: Look, target: number, words: string): HTMLElement {
  const canvas = h("canvas", { "aria-hidden": "true" });
  canvas.width = canvas.height = 72;
  paintSymbol(canvas.getContext("2d")!, look, target, 72);
  return h("li", {}, canvas, words);
}

export function legend(): HTMLElement {
  const looks = h("ul", { class: "legend" }, ...LOOK_WORDS.map(([look, words]) => entry(look, 4, words)));
  const targets = h("ul", { class: "legend legend-two" }, ...TARGETS.map((name, i) => entry("confirmed", i, name)));
  const scope =
    "Yellow is the standard's colour for unknown: the picture says what moves, never who is hostile.";
  return h("div", {}, looks, targets, h("p", { class: "empty" }, scope));
}
