// The coverage card: what is stood on the hill, how high the target flies, and what is seen then.

import { rampCss } from "../coverage/ramp";
import type { Coverage, Seen } from "../coverage/raster";
import type { SensorClass } from "../coverage/client";
import { PLACES, heightOfPlace, placeOfHeight } from "../coverage/heights";
import { h, mark, write } from "../dom";
import type { Sensor } from "../stream/messages";
import { distance, latLon, metres, percent } from "../words/format";

const SEEN = ["area", "farthest"] as const;
const FACTS = ["place", "ground", "antenna", "k", "cell", "time"] as const;
type Fact = (typeof SEEN)[number] | (typeof FACTS)[number];
const TITLES: Record<Fact, string> = {
  area: "Seen, share of range", farthest: "Farthest seen", place: "Site", ground: "Ground", antenna: "Antenna",
  k: "Refraction k", cell: "Cell", time: "Time taken",
};
const OF = "of:";

export interface CoverageActions {
  /** Another class, mast or sensor was chosen. */
  choose(): void;
  height(metres: number): void;
  move(): void;
  /** Bring the whole range onto the screen. */
  fit(): void;
  close(): void;
}

export class CoveragePanel {
  readonly element: HTMLElement;
  readonly slider = h("input", { type: "range", class: "coverage-slider", min: 0, max: PLACES, step: 1, "aria-label": "target height above ground" });
  private readonly sensor = h("select", { class: "coverage-sensor", "aria-label": "sensor" });
  private readonly mast = h("input", { type: "number", class: "coverage-mast", min: 0.5, max: 6000, step: 0.5, "aria-label": "mast height above ground, metres", title: "antenna or lens above the ground; of a drone its flight height" });
  private readonly height = h("output", { class: "coverage-height" });
  private readonly message = h("p", { class: "coverage-message", role: "status" });
  private readonly results = h("div", { class: "coverage-results", hidden: true });
  private readonly terrain = h("p", { class: "coverage-terrain" });
  private readonly warnings = h("ul", { class: "coverage-warnings" });
  private readonly hatch = h("li", { class: "coverage-unknown" }, "unknown: not counted as seen");
  private readonly fit: HTMLButtonElement;
  private readonly move: HTMLButtonElement;
  private readonly values = {} as Record<Fact, HTMLElement>;
  private classes: SensorClass[] = [];

  constructor(actions: CoverageActions) {
    this.slider.style.setProperty("--ramp", rampCss());
    this.slider.addEventListener("input", () => actions.height(heightOfPlace(Number(this.slider.value))));
    this.sensor.addEventListener("change", () => {
      this.takeMast();
      actions.choose();
    });
    this.mast.addEventListener("change", () => actions.choose());
    this.fit = h("button", { type: "button", class: "small", title: "show the whole range", hidden: true, onclick: () => actions.fit() }, "Fit");
    this.move = h("button", { type: "button", class: "small", title: "choose another place (O)", onclick: () => actions.move() }, "Move");
    this.results.append(
      h("label", { class: "coverage-row" }, h("span", {}, "Target height"), this.height),
      this.slider,
      h("div", { class: "coverage-ends" }, h("span", {}, "ground"), h("span", {}, "colour: seen from this height on"), h("span", {}, "5 000 m")),
      this.list(SEEN),
      h("ul", { class: "coverage-legend" }, h("li", { class: "coverage-dark" }, "no tint: hidden by terrain"), this.hatch),
      this.terrain,
      this.warnings,
      h("details", { class: "coverage-more", open: true }, h("summary", {}, "Site and method"), this.list(FACTS), h("p", { class: "coverage-note" }, "Line of sight within the sensor's range: its power and beam and the target's echo are not in it.")),
    );
    this.element = h(
      "section",
      { class: "panel coverage", "data-panel": "coverage", "aria-label": "coverage", hidden: true },
      h("div", { class: "coverage-head" }, h("h2", {}, "Coverage"), this.fit, this.move, h("button", { type: "button", class: "small", title: "Esc", "aria-label": "clear the coverage", onclick: () => actions.close() }, "×")),
      h("div", { class: "coverage-what" }, this.sensor, h("label", {}, "mast ", this.mast, " m")),
      this.message,
      this.results,
    );
  }

  /** Take the classes of the library and the sensors of the picture. */
  offer(classes: SensorClass[], usual: string, sensors: Sensor[]): void {
    this.classes = classes;
    const before = this.sensor.value || usual;
    const placed = sensors.filter((sensor) => Number.isFinite(sensor.lat) && Number.isFinite(sensor.lon));
    const group = (label: string, those: SensorClass[]) =>
      h("optgroup", { label }, ...those.map((kind) => h("option", { value: kind.id }, kind.name)));
    const cameras = classes.filter((kind) => kind.kind === "camera");
    this.sensor.replaceChildren(group("Radars", classes.filter((kind) => !cameras.includes(kind))));
    if (cameras.length) this.sensor.append(group("Cameras", cameras));
    if (placed.length) {
      this.sensor.append(h("optgroup", { label: "In the picture, as it stands" }, ...placed.map((sensor) => h("option", { value: OF + sensor.id }, sensor.name || sensor.id))));
    }
    this.sensor.value = before;
    if (this.sensor.selectedIndex < 0) this.sensor.value = usual;
    if (this.sensor.value !== before || !this.mast.value) this.takeMast();
  }

  /** What is chosen: a class with its mast, or a sensor of the picture. */
  chosen(): { of: string } | { sensor: string; mast: number } {
    const { value } = this.sensor;
    if (value.startsWith(OF)) return { of: value.slice(OF.length) };
    return { sensor: value, mast: Number(this.mast.value) };
  }

  choose(sensor: string): void {
    this.sensor.value = OF + sensor;
    this.takeMast();
  }

  say(text: string, grade: "hint" | "busy" | "bad" = "hint"): void {
    mark(this.message, "data-grade", grade);
    write(this.message, text);
    this.message.hidden = text === "";
  }

  /** Show the facts of a coverage, or none. */
  show(coverage: Coverage | null, tookMs: number): void {
    this.results.hidden = this.fit.hidden = !coverage;
    if (!coverage) return;
    const { terrain, warnings } = coverage;
    this.fact("place", latLon(coverage.lat, coverage.lon));
    this.fact("ground", `${metres(coverage.ground)} m`);
    this.fact("antenna", `${metres(coverage.antenna)} m (mast ${Number(coverage.mast.toFixed(1))} m)`);
    this.fact("k", `${coverage.k.toFixed(2)} · ${coverage.k_label}`);
    this.values.k.title = coverage.k_label;
    if (this.mast.disabled) this.mast.value = coverage.mast.toFixed(1);
    this.sensor.title = coverage.name;
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

  showHeight(height: number, seen: Seen | null, unknown: number): void {
    const words = height === 0 ? "on the ground" : `${metres(height)} m above ground`;
    write(this.height, words);
    this.slider.value = String(placeOfHeight(height));
    this.slider.setAttribute("aria-valuetext", words);
    this.slider.style.setProperty("--share", `${(100 * Number(this.slider.value)) / PLACES}%`);
    this.hatch.hidden = unknown === 0;
    if (!seen) return;
    this.fact("area", `${metres(seen.area / 1e6)} km² · ${percent(seen.area / seen.whole)}`);
    this.fact("farthest", seen.farthest > 0 ? distance(seen.farthest) : "nothing");
  }

  private list(names: readonly Fact[]): HTMLElement {
    const list = h("dl", { class: "facts" });
    for (const name of names) {
      this.values[name] = h("dd", {});
      list.append(h("dt", {}, TITLES[name]), this.values[name]);
    }
    return list;
  }

  private fact(name: Fact, text: string): void {
    write(this.values[name], text);
  }

  private takeMast(): void {
    const found = this.classes.find((kind) => kind.id === this.sensor.value);
    this.mast.disabled = !found;
    this.mast.value = found ? String(found.mast) : "";
    this.move.hidden = !found;
  }
}
