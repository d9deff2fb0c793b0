// Is everything that watches really watching?

import { h, mark, write } from "../dom";
import type { Sensor, SensorStatus } from "../stream/messages";
import { span } from "../words/format";
import { type HealthName, healthName, sensorKind } from "../words/names";

interface Row {
  element: HTMLElement;
  health: HTMLElement;
  reason: HTMLElement;
  figures: HTMLElement;
  kind: string;
}

interface Seen {
  status: SensorStatus;
  /** Detections a second, smoothed; NaN until there are two reports. */
  rate: number;
}

export class SensorPanel {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "sensors", "aria-label": "sensor health" });
  private readonly badge = h("span", { class: "badge badge-quiet" });
  private readonly rows = new Map<string, Row>();
  private readonly seen = new Map<string, Seen>();

  constructor(
    private readonly go: (sensor: Sensor) => void,
    private readonly cover: (sensor: Sensor) => void,
  ) {
    this.element = h(
      "section",
      { class: "panel", "data-panel": "sensors", "aria-label": "sensor health" },
      h("h2", {}, "Sensors", this.badge),
      this.list,
    );
  }

  /** Take the list of sensors of a new connection. */
  reset(sensors: Sensor[]): void {
    this.rows.clear();
    this.seen.clear();
    this.list.replaceChildren(...sensors.map((sensor) => this.makeRow(sensor)));
  }

  update(statuses: SensorStatus[]): void {
    for (const status of statuses) {
      const before = this.seen.get(status.sensor);
      this.seen.set(status.sensor, { status, rate: rate(before, status) });
    }
  }

  health(sensor: string): HealthName {
    return healthName(this.seen.get(sensor)?.status.health);
  }

  show(nowNs: number): void {
    let good = 0;
    for (const [id, row] of this.rows) {
      const health = this.health(id);
      if (health === "good") good += 1;
      this.showRow(row, health, this.seen.get(id), nowNs);
    }
    write(this.badge, this.rows.size ? `${good} of ${this.rows.size} good` : "");
  }

  private makeRow(sensor: Sensor): HTMLElement {
    const health = h("span", { class: "health" });
    const reason = h("div", { class: "reason" });
    const figures = h("div", { class: "figures" });
    const assumed = sensor.position_assumed ? h("span", { class: "assumed" }, "position assumed") : null;
    const name = h("button", { class: "sensor-name", type: "button", onclick: () => this.go(sensor) }, sensor.name || sensor.id);
    const seen = `what ${sensor.name || sensor.id} sees from where it stands`;
    const cover = h("button", { class: "small sensor-cover", type: "button", title: seen, "aria-label": seen, onclick: () => this.cover(sensor) }, "◎");
    const element = h(
      "li",
      { class: "sensor" },
      h("div", { class: "sensor-head" }, name, health, cover),
      assumed,
      reason,
      figures,
    );
    this.rows.set(sensor.id, { element, health, reason, figures, kind: sensorKind(sensor.kind) });
    return element;
  }

  private showRow(row: Row, health: HealthName, seen: Seen | undefined, nowNs: number): void {
    mark(row.element, "data-health", health);
    write(row.health, health);
    write(row.reason, seen?.status.reason ?? "");
    if (!seen) return write(row.figures, `${row.kind} · no report yet`);
    const { rotation_period: rotation, last_data_ns: last, errors } = seen.status;
    const words = [
      row.kind,
      last ? `data ${span((nowNs - last) / 1e9)} ago` : "no data yet",
      rotation && Number.isFinite(rotation) ? `turns in ${rotation.toFixed(1)} s` : "",
      Number.isFinite(seen.rate) ? `${seen.rate.toFixed(seen.rate < 10 ? 1 : 0)} plots/s` : "",
      errors ? `${errors} errors` : "",
    ];
    write(row.figures, words.filter(Boolean).join(" · "));
  }
}

function rate(before: Seen | undefined, status: SensorStatus): number {
  if (!before) return NaN;
  const seconds = (status.time_ns - before.status.time_ns) / 1e9;
  if (seconds < 0.05) return before.rate;
  const now = Math.max(0, status.detections - before.status.detections) / seconds;
  const weight = Math.min(1, seconds / 10);
  return Number.isFinite(before.rate) ? before.rate + weight * (now - before.rate) : now;
}
