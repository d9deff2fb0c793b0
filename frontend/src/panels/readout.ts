// The map's lower edge: scale, what lies under the pointer, and what the terrain is made of.

import { h, write } from "../dom";
import type { Info } from "../stream/messages";

const WIDEST_PX = 110;

export class Readout {
  readonly element: HTMLElement;
  readonly cursor = h("span", { class: "readout-cursor" });
  private readonly bar = h("span", { class: "scale-bar" });
  private readonly length = h("span", { class: "scale-length" });
  private readonly terrain = h("span", { class: "readout-terrain" });

  constructor() {
    this.element = h("div", { class: "readout" }, h("span", { class: "scale" }, this.bar, this.length), this.cursor, this.terrain);
  }

  showTerrain(info: Info): void {
    const { label, synthetic, notes } = info.terrain;
    const missing = synthetic && !/synthetic/i.test(label) ? " · synthetic detail" : "";
    this.terrain.title = [label, ...notes].join("\n");
    write(this.terrain, label || missing ? `Terrain: ${label}${missing}` : "Terrain: unknown origin");
    this.terrain.classList.toggle("is-synthetic", synthetic || /synthetic/i.test(label));
  }

  /** Show a round length; `metre` is one pixel's size on the ground at the map's centre. */
  showScale(metre: number): void {
    if (!(metre > 0)) return;
    const { length, words } = roundLength(metre * WIDEST_PX);
    const width = `${Math.round(length / metre)}px`;
    if (this.bar.style.width !== width) this.bar.style.width = width;
    write(this.length, words);
  }
}

/** The longest of 1, 2, 5 × 10ⁿ metres that fits. */
export function roundLength(most: number): { length: number; words: string } {
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [5, 2, 1].find((factor) => factor * power <= most) ?? 1;
  const length = step * power;
  return { length, words: length >= 1000 ? `${length / 1000} km` : `${length} m` };
}
