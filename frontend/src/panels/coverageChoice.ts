// What the coverage is asked about: the sensor, its mast, and sight or the chance of detection.

import type { Library, SensorClass, TargetClass } from "../coverage/client";
import { h } from "../dom";
import type { Sensor } from "../stream/messages";

const OF = "of:";

export class CoverageChoice {
  readonly element: HTMLElement;
  private readonly sensor = h("select", { class: "coverage-sensor", "aria-label": "sensor" });
  private readonly mast = h("input", { type: "number", class: "coverage-mast", min: 0.5, max: 6000, step: 0.5, "aria-label": "mast height above ground, metres", title: "antenna or lens above the ground; of a drone its flight height" });
  private readonly target = h("select", { class: "coverage-target", "aria-label": "line of sight, or P(detect) of a class" });
  private classes: SensorClass[] = [];
  private targets: TargetClass[] = [];

  /** @param changed another sensor or mast was chosen; @param aimed another class of targets. */
  constructor(changed: () => void, aimed: () => void) {
    this.sensor.addEventListener("change", () => {
      this.takeSensor();
      changed();
    });
    this.mast.addEventListener("change", changed);
    this.target.addEventListener("change", aimed);
    this.offerTargets();
    this.element = h(
      "div",
      { class: "coverage-choice" },
      h("div", { class: "coverage-what" }, this.sensor, h("label", {}, "mast ", this.mast, " m")),
      h("div", { class: "coverage-what" }, this.target),
    );
  }

  /** Take the library and the sensors of the picture. */
  offer({ sensors: classes, default: usual, targets }: Library, sensors: Sensor[]): void {
    this.classes = classes;
    this.targets = targets;
    const before = this.sensor.value || usual;
    const placed = sensors.filter((sensor) => Number.isFinite(sensor.lat) && Number.isFinite(sensor.lon));
    const group = (label: string, those: { id: string; name: string }[], prefix = "") =>
      those.length ? h("optgroup", { label }, ...those.map(({ id, name }) => h("option", { value: prefix + id }, name || id))) : null;
    this.sensor.replaceChildren();
    for (const part of [
      group("Radars", classes.filter(({ kind }) => kind !== "camera")),
      group("Cameras", classes.filter(({ kind }) => kind === "camera")),
      group("In the picture, as it stands", placed, OF),
    ]) {
      if (part) this.sensor.append(part);
    }
    this.sensor.value = before;
    if (this.sensor.selectedIndex < 0) this.sensor.value = usual;
    if (this.sensor.value !== before || !this.mast.value) this.takeSensor();
  }

  /** A class with its mast, or a sensor of the picture. */
  chosen(): { of: string } | { sensor: string; mast: number } {
    const { value } = this.sensor;
    if (value.startsWith(OF)) return { of: value.slice(OF.length) };
    return { sensor: value, mast: Number(this.mast.value) };
  }

  /** The class of targets whose detection is asked; null for line of sight. */
  aim(): TargetClass | null {
    return this.targets.find(({ id }) => id === this.target.value) ?? null;
  }

  /** Choose a sensor of the picture. */
  choose(sensor: string): void {
    this.sensor.value = OF + sensor;
    this.takeSensor();
  }

  /** Show where the sensor of a coverage stands. */
  show(name: string, mast: number): void {
    this.sensor.title = name;
    if (this.mast.disabled) this.mast.value = mast.toFixed(1);
  }

  private takeSensor(): void {
    const found = this.classes.find(({ id }) => id === this.sensor.value);
    this.mast.disabled = !found;
    this.mast.value = found ? String(found.mast) : "";
    this.offerTargets(found);
  }

  private offerTargets(sensor?: SensorClass): void {
    const before = this.target.value;
    const those = sensor ? this.targets.filter(({ cameras }) => sensor.kind !== "camera" || cameras) : [];
    this.target.replaceChildren(h("option", { value: "" }, "Line of sight"));
    if (those.length) {
      this.target.append(h("optgroup", { label: "Chance of detection" }, ...those.map(({ id }) => h("option", { value: id }, `P(detect): ${id.replace("-", " ")}`))));
    }
    this.target.title = those.length ? "" : "a sensor of the picture does not say its class: choose a class to see its chances";
    this.target.value = before;
    if (this.target.selectedIndex < 0) this.target.value = "";
  }
}
