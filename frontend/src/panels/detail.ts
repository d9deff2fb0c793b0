// Everything known about the selected track.

import { forward as mgrsForward } from "mgrs";
import { h, mark, write } from "../dom";
import { paintSymbol, LOOKS } from "../map/sprites";
import type { Operator } from "../operator";
import { latDeg, lonDeg } from "../picture/mercator";
import type { TrackStore } from "../picture/tracks";
import { bearing, distance, kmh, latLon, metres, mode3a, modeS, percent, span } from "../words/format";
import { statusName, targetName, trackName, trackerNames } from "../words/names";
import { sparkline } from "./sparkline";
import { WhyPanel } from "./why";

const FIELDS = [
  "position", "mgrs", "border", "height", "climb", "speed", "course", "class", "existence", "accuracy",
  "age", "seen", "hits", "mode", "trackers",
] as const;
type Field = (typeof FIELDS)[number];
const TITLES: Record<Field, string> = {
  position: "Position", mgrs: "MGRS", border: "Border", height: "Height", climb: "Climb", speed: "Speed", course: "Course",
  class: "Class", existence: "Existence", accuracy: "Accuracy", age: "Age", seen: "Last seen", hits: "Detections",
  mode: "Mode S / 3A", trackers: "Tracked by",
};

export interface DetailActions {
  follow(): void;
  centre(): void;
  close(): void;
  /** Where a place is, seen from the border: `RU km 2310.4, 3.1 km off`. */
  borderWords(lat: number, lon: number): string;
}

export class DetailPanel {
  readonly element: HTMLElement;
  private readonly name = h("span", { class: "detail-name" });
  private readonly status = h("span", { class: "detail-status" });
  private readonly symbol = h("canvas", { class: "detail-symbol", "aria-hidden": "true" });
  private readonly values = {} as Record<Field, HTMLElement>;
  private trackersTitle = h("dt", {});
  private readonly heights = h("canvas", { class: "spark", role: "img", "aria-label": "height over the last minutes" });
  private readonly speeds = h("canvas", { class: "spark", role: "img", "aria-label": "speed over the last minutes" });
  private readonly why = new WhyPanel();
  private readonly follow: HTMLButtonElement;
  private readonly empty = h("p", { class: "empty" }, "No track selected. Press J, or click one on the map.");
  private readonly body: HTMLElement;
  private painted = "";

  constructor(
    private readonly tracks: TrackStore,
    private readonly operator: Operator,
    private readonly actions: DetailActions,
  ) {
    const list = h("dl", { class: "facts" });
    for (const field of FIELDS) {
      this.values[field] = h("dd", {});
      const title = h("dt", {}, TITLES[field]);
      if (field === "trackers") this.trackersTitle = title;
      list.append(title, this.values[field]);
    }
    this.follow = h("button", { type: "button", class: "small", "aria-pressed": "false", title: "F", onclick: () => actions.follow() }, "Follow");
    this.body = h(
      "div",
      { class: "detail-body" },
      h(
        "div",
        { class: "detail-head" },
        this.symbol,
        h("div", { class: "detail-title" }, this.name, this.status),
        this.follow,
        h("button", { type: "button", class: "small", title: "C", onclick: () => actions.centre() }, "Centre"),
        h("button", { type: "button", class: "small", title: "Esc", "aria-label": "close", onclick: () => actions.close() }, "×"),
      ),
      list,
      this.why.element,
      h("div", { class: "spark-row" }, h("span", {}, "Height"), this.heights),
      h("div", { class: "spark-row" }, h("span", {}, "Speed"), this.speeds),
    );
    this.element = h("section", { class: "panel panel-detail", "data-panel": "detail", "aria-label": "selected track" }, this.body, this.empty);
  }

  show(t: number): void {
    const key = this.operator.selected;
    const slot = key === null ? undefined : this.tracks.slotOf(key);
    mark(this.element, "data-empty", slot === undefined ? "true" : null);
    this.body.hidden = slot === undefined;
    this.empty.hidden = slot !== undefined;
    if (slot === undefined || key === null) {
      this.why.rest();
      return;
    }
    this.showHead(slot, t);
    this.showFacts(slot, t);
    this.showHistory(slot);
    this.why.show(key);
  }

  private showHead(slot: number, t: number): void {
    const c = this.tracks.column;
    write(this.name, this.tracks.callsign[slot] || trackName(c.id[slot]!, c.feed[slot]!));
    const hidden = this.tracks.isHidden(slot);
    const status = (hidden ? "hidden" : statusName(c.status[slot]!)) + (this.tracks.stale(slot, t) ? " · no fresh update" : "");
    write(this.status, this.tracks.isTheirs(slot) ? `system track · ${status}` : status);
    mark(this.follow, "aria-pressed", String(this.operator.follow));
    const own = hidden ? LOOKS.indexOf("hidden") : Math.min(c.status[slot]!, 2);
    const look = this.tracks.isTheirs(slot) ? LOOKS.indexOf("foreign") : own;
    const painted = `${look} ${c.target[slot]}`;
    if (painted === this.painted) return;
    this.painted = painted;
    this.symbol.width = this.symbol.height = 88;
    paintSymbol(this.symbol.getContext("2d")!, LOOKS[look]!, c.target[slot]!, 88);
  }

  private showFacts(slot: number, t: number): void {
    const c = this.tracks.column;
    const lat = latDeg(this.tracks.y(slot, t));
    const lon = lonDeg(this.tracks.x(slot, t));
    const agl = c.height[slot]! - c.ground[slot]!;
    const climb = c.climb[slot]!;
    const rising = Math.abs(climb) < 0.5 ? "level" : `${climb > 0 ? "▲" : "▼"} ${Math.abs(climb).toFixed(1)} m/s`;
    const since = Math.max(0, t - this.tracks.motion.at[slot]!);
    const words: Record<Field, string> = {
      position: latLon(lat, lon),
      mgrs: mgrs(lat, lon),
      border: this.actions.borderWords(lat, lon),
      height: Number.isFinite(c.height[slot]!)
        ? `${metres(c.height[slot]!)} m${Number.isFinite(agl) ? ` (${metres(agl)} above ground)` : ""}`
        : "not measured",
      climb: Number.isFinite(climb) ? rising : "–",
      speed: `${kmh(c.speed[slot]!)} km/h (${c.speed[slot]!.toFixed(1)} m/s)`,
      course: bearing(c.course[slot]!),
      class: targetName(c.target[slot]!),
      existence: percent(c.existence[slot]!),
      accuracy: Number.isFinite(c.sigma[slot]!) ? `±${distance(2 * c.sigma[slot]!)} (95 %)` : "–",
      age: span(c.age[slot]! + since),
      seen: `${span(c.seen[slot]! + since)} ago`,
      hits: String(c.hits[slot]!),
      trackers: trackerNames(c.trackers[slot]!).join(" + "),
      mode: [modeS(c.mode_s[slot]!), mode3a(c.mode_3a[slot]!)].filter(Boolean).join(" / ") || "–",
    };
    for (const field of FIELDS) write(this.values[field], words[field]);
    // Only a joint track has several trackers to name.
    this.values.trackers.hidden = this.trackersTitle.hidden = words.trackers === "";
  }

  private showHistory(slot: number): void {
    const { trails } = this.tracks;
    const values = trails.values();
    const times: number[] = [];
    const heights: number[] = [];
    const speeds: number[] = [];
    for (let i = 0; i < trails.count(slot); i++) {
      const at = trails.index(slot, i);
      times.push(values[at + 2]!);
      heights.push(values[at + 3]!);
      speeds.push(values[at + 4]! * 3.6);
    }
    sparkline(this.heights, { times, values: heights }, "#8fd3ff", "m");
    sparkline(this.speeds, { times, values: speeds }, "#ffe97a", "km/h");
  }
}

function mgrs(lat: number, lon: number): string {
  if (!Number.isFinite(lat) || Math.abs(lat) > 80) return "–";
  const text = mgrsForward([lon, lat], 4);
  return text.replace(/^(\d+\w)(\w\w)(\d{4})(\d{4})$/, "$1 $2 $3 $4");
}
