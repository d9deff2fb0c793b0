// The coverage card: what is stood on the hill, how high the target is, and what is seen then.

import type { TargetClass } from "../coverage/client";
import { PLACES, heightOfPlace, placeOfHeight } from "../coverage/heights";
import { rampCss } from "../coverage/ramp";
import type { Coverage, Seen } from "../coverage/raster";
import { h, mark, write } from "../dom";
import { distance, latLon, metres, percent } from "../words/format";
import { CoverageChoice } from "./coverageChoice";

const SEEN = ["area", "more", "farthest"] as const;
const FACTS = ["place", "ground", "antenna", "k", "cell", "time"] as const;
type Fact = (typeof SEEN)[number] | (typeof FACTS)[number];
const TITLES: Record<Fact, string> = {
  area: "", more: "", farthest: "", place: "Site", ground: "Ground", antenna: "Antenna",
  k: "Refraction k", cell: "Cell", time: "Time taken",
};
const SIGHT_NOTE = "Line of sight within the sensor's range: its power and beam and the target's echo are not in it.";

export interface CoverageActions {
  /** Another class, mast or sensor was chosen. */
  choose(): void;
  /** Line of sight, or the detection of another class. */
  aim(): void;
  height(metres: number): void;
  move(): void;
  /** Bring the whole range onto the screen. */
  fit(): void;
  close(): void;
}

export class CoveragePanel {
  readonly element: HTMLElement;
  readonly choice: CoverageChoice;
  private readonly slider = h("input", { type: "range", class: "coverage-slider", min: 0, max: PLACES, step: 1, "aria-label": "target height above ground" });
  private readonly height = h("output", { class: "coverage-height" });
  private readonly message = h("p", { class: "coverage-message", role: "status" });
  private readonly results = h("div", { class: "coverage-results", hidden: true });
  private readonly terrain = h("p", { class: "coverage-terrain" });
  private readonly warnings = h("ul", { class: "coverage-warnings" });
  private readonly hatch = h("li", { class: "coverage-unknown" }, "unknown: not counted as seen");
  private readonly dark = h("li", { class: "coverage-dark" });
  private readonly ends = h("span", {});
  private readonly note = h("p", { class: "coverage-note" });
  private readonly move: HTMLButtonElement;
  private readonly fit: HTMLButtonElement;
  private readonly terms = {} as Record<Fact, HTMLElement>;
  private readonly values = {} as Record<Fact, HTMLElement>;

  constructor(actions: CoverageActions) {
    this.choice = new CoverageChoice(() => actions.choose(), () => actions.aim());
    this.slider.style.setProperty("--ramp", rampCss());
    this.slider.addEventListener("input", () => actions.height(heightOfPlace(Number(this.slider.value))));
    this.fit = h("button", { type: "button", class: "small", title: "show the whole range", hidden: true, onclick: () => actions.fit() }, "Fit");
    this.move = h("button", { type: "button", class: "small", title: "choose another place (O)", onclick: () => actions.move() }, "Move");
    this.results.append(
      h("label", { class: "coverage-row" }, h("span", {}, "Target height"), this.height),
      this.slider,
      h("div", { class: "coverage-ends" }, h("span", {}, "ground"), this.ends, h("span", {}, "5 000 m")),
      h("div", { class: "coverage-chances", "aria-hidden": "true" }, h("span", {}, "P 0.05"), h("i", {}), h("span", {}, "1")),
      this.list(SEEN),
      h("ul", { class: "coverage-legend" }, this.dark, this.hatch),
      this.terrain,
      this.warnings,
      h("details", { class: "coverage-more", open: true }, h("summary", {}, "Site and method"), this.list(FACTS), this.note),
    );
    this.results.style.setProperty("--ramp", rampCss());
    this.element = h(
      "section",
      { class: "panel coverage", "data-panel": "coverage", "aria-label": "coverage", hidden: true },
      h("div", { class: "coverage-head" }, h("h2", {}, "Coverage"), this.fit, this.move, h("button", { type: "button", class: "small", title: "Esc", "aria-label": "clear the coverage", onclick: () => actions.close() }, "×")),
      this.choice.element,
      this.message,
      this.results,
    );
  }

  say(text: string, grade: "hint" | "busy" | "bad" = "hint"): void {
    mark(this.message, "data-grade", grade);
    write(this.message, text);
    this.message.hidden = text === "";
  }

  /** Show the facts of a coverage, or none. */
  show(coverage: Coverage | null, tookMs: number): void {
    this.results.hidden = this.fit.hidden = !coverage;
    this.move.hidden = "of" in this.choice.chosen();
    if (!coverage) return;
    const { terrain, warnings } = coverage;
    this.choice.show(coverage.name, coverage.mast);
    this.fact("place", latLon(coverage.lat, coverage.lon));
    this.fact("ground", `${metres(coverage.ground)} m`);
    this.fact("antenna", `${metres(coverage.antenna)} m (mast ${Number(coverage.mast.toFixed(1))} m)`);
    this.fact("k", `${coverage.k.toFixed(2)} · ${coverage.k_label}`);
    this.fact("cell", `${metres(coverage.cell)} m`);
    this.fact("time", `${(tookMs / 1000).toFixed(2)} s`);
    this.values.time.title = `of which the node computed ${coverage.seconds.toFixed(2)} s`;
    const synthetic = terrain.synthetic || /synthetic/i.test(terrain.label);
    const missing = synthetic && !/synthetic/i.test(terrain.label) ? " · synthetic detail" : "";
    write(this.terrain, `Terrain: ${terrain.label || "unknown origin"}${missing}`);
    this.terrain.classList.toggle("is-synthetic", synthetic);
    this.terrain.title = terrain.notes.join("\n");
    this.warnings.replaceChildren(...warnings.map((warning) => h("li", {}, warning)));
  }

  /** Show the slider's height, and whether it is asked about sight or about detection. */
  showHeight(height: number, unknown: number, aim: TargetClass | null): void {
    const words = height === 0 ? "on the ground" : `${metres(height)} m above ground`;
    write(this.height, words);
    this.slider.value = String(placeOfHeight(height));
    this.slider.setAttribute("aria-valuetext", words);
    this.slider.style.setProperty("--share", `${(100 * Number(this.slider.value)) / PLACES}%`);
    this.hatch.hidden = unknown === 0;
    mark(this.results, "data-mode", aim ? "chance" : "sight");
    write(this.ends, aim ? "" : "colour: seen from this height on");
    write(this.dark, aim ? "no tint: hidden, or hardly ever detected" : "no tint: hidden by terrain");
  }

  showSeen(seen: Seen): void {
    this.fact("area", share(seen), "Seen, share of range");
    this.fact("more", "");
    this.fact("farthest", far(seen), "Farthest seen");
    write(this.note, SIGHT_NOTE);
  }

  /** Show what is detected surely (P ≥ 0.8) and more often than not (P ≥ 0.5). */
  showDetected(surely: Seen, often: Seen, note: string): void {
    this.fact("area", share(surely), "P ≥ 0.8, share of range");
    this.fact("more", share(often), "P ≥ 0.5, share of range");
    this.fact("farthest", far(often), "Farthest with P ≥ 0.5");
    write(this.note, `${note}.`);
  }

  private list(names: readonly Fact[]): HTMLElement {
    const list = h("dl", { class: "facts" });
    for (const name of names) {
      this.terms[name] = h("dt", {}, TITLES[name]);
      this.values[name] = h("dd", {});
      list.append(this.terms[name], this.values[name]);
    }
    return list;
  }

  private fact(name: Fact, text: string, title = TITLES[name]): void {
    write(this.terms[name], title);
    write(this.values[name], text);
    this.terms[name].hidden = this.values[name].hidden = text === "";
  }
}

function share({ area, whole }: Seen): string {
  const part = area / whole;
  return `${metres(area / 1e6)} km² · ${part < 0.1 ? `${(100 * part).toFixed(1)} %` : percent(part)}`;
}

function far({ farthest }: Seen): string {
  return farthest > 0 ? distance(farthest) : "nothing";
}
