// The key of the plan's map.

import { h } from "../dom";
import { MARKS, MARK_COLOURS, PART, SEEN, UNSEEN, css } from "./colours";
import type { Scene } from "./messages";

const PATHS: Record<(typeof MARKS)[number], string> = {
  triangle: "M8 1.500 L15 14 H1 Z",
  circle: "M8 2 a6 6 0 1 0 0.010 0 Z",
  square: "M2.500 2.500 H13.500 V13.500 H2.500 Z",
  diamond: "M8 1 L15 8 L8 15 L1 8 Z",
  hexagon: "M8 1 L14 4.500 V11.500 L8 15 L2 11.500 V4.500 Z",
};

export function legend(scene: Scene): HTMLElement {
  const list = h("ul", { class: "plan-legend", "aria-label": "key" });
  const grounds: [string, string][] = [
    [css(UNSEEN), "not seen"], [css(PART), "by one site, or some classes"], [css(SEEN), "by several, or every class"],
  ];
  for (const [colour, words] of grounds) list.append(h("li", {}, h("i", { style: `background:${colour}` }), words));
  scene.packages.forEach((one, i) => list.append(h("li", {}, symbol(i), one.id)));
  if (scene.sites.some((site) => site.fixed)) list.append(h("li", {}, h("i", { class: "plan-fixed" }), "stands already"));
  return list;
}

function symbol(number: number): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[MARKS[number % MARKS.length]!]);
  path.setAttribute("fill", MARK_COLOURS[number % MARK_COLOURS.length]!);
  svg.append(path);
  return svg;
}
