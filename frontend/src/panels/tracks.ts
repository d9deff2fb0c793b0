// The list of tracks: sorted, filtered, and only as many rows as fit the screen.

import { h, mark, write } from "../dom";
import type { Operator } from "../operator";
import type { TrackStore } from "../picture/tracks";
import { compileFilter, type Predicate } from "../words/filter";
import { kmh, metres, mode3a, modeS, span } from "../words/format";
import { statusName, targetCode, targetName, trackName, trackerNames } from "../words/names";

const ROW = 30;
const SPARE_ROWS = 4;

type SortKey = "id" | "target" | "speed" | "height" | "seen";

const COLUMNS: readonly { key: SortKey; title: string; hint: string }[] = [
  { key: "id", title: "Track", hint: "number or call sign" },
  { key: "target", title: "Class", hint: "kind of target" },
  { key: "speed", title: "km/h", hint: "ground speed" },
  { key: "height", title: "m agl", hint: "height above ground" },
  { key: "seen", title: "Seen", hint: "seconds since the last detection" },
];

interface Row {
  element: HTMLElement;
  dot: HTMLElement;
  cells: HTMLElement[];
  key: number;
}

export class TrackPanel {
  readonly element: HTMLElement;
  readonly filter = h("input", {
    class: "filter", type: "search", placeholder: "Filter: vehicle speed>40 !bird", "aria-label": "filter tracks",
    autocomplete: "off", spellcheck: "false",
  });
  private readonly badge = h("span", { class: "badge badge-quiet" });
  private readonly head = h("div", { class: "track-head", role: "row" });
  private readonly body = h("div", { class: "track-body" });
  private readonly scroller: HTMLElement;
  private readonly rows: Row[] = [];
  private order: number[] = [];
  private sort: { key: SortKey; down: boolean } = { key: "id", down: false };
  private passes: Predicate = () => true;
  private slots: number[] = [];
  /** Picture time of the latest look [s]. */
  private now = 0;

  constructor(
    private readonly tracks: TrackStore,
    private readonly operator: Operator,
    private readonly choose: (key: number) => void,
  ) {
    for (const column of COLUMNS) {
      const click = (): void => this.sortBy(column.key);
      this.head.append(h("button", { class: "sort", type: "button", role: "columnheader", title: column.hint, "data-sort": column.key, onclick: click }, column.title));
    }
    this.scroller = h("div", { class: "track-scroll", role: "listbox", tabindex: "0", "aria-label": "tracks" }, this.body);
    this.scroller.addEventListener("scroll", () => this.render(), { passive: true });
    this.filter.addEventListener("input", () => {
      this.passes = compileFilter(this.filter.value);
      this.show(this.now);
    });
    this.element = h(
      "section",
      { class: "panel panel-tracks", "data-panel": "tracks", "aria-label": "tracks" },
      h("h2", {}, "Tracks", this.badge),
      this.filter,
      this.head,
      this.scroller,
    );
  }

  /** Key of the track that many rows further in the list; null when it is empty. */
  step(by: number): number | null {
    if (this.order.length === 0) this.arrange();
    const keys = this.order;
    if (keys.length === 0) return null;
    const at = this.operator.selected === null ? -1 : keys.indexOf(this.operator.selected);
    const next = at < 0 ? (by > 0 ? 0 : keys.length - 1) : (at + by + keys.length) % keys.length;
    return keys[next]!;
  }

  /** Bring the selected row into view. */
  reveal(): void {
    const at = this.operator.selected === null ? -1 : this.order.indexOf(this.operator.selected);
    if (at < 0) return;
    const { scrollTop, clientHeight } = this.scroller;
    if (at * ROW < scrollTop) this.scroller.scrollTop = at * ROW;
    else if ((at + 1) * ROW > scrollTop + clientHeight) this.scroller.scrollTop = (at + 1) * ROW - clientHeight;
    this.render();
  }

  /** Sort and filter anew, then draw. */
  show(t: number): void {
    this.now = t;
    this.arrange();
    const all = this.tracks.size;
    write(this.badge, this.order.length === all ? String(all) : `${this.order.length} of ${all}`);
    for (const button of this.head.children) {
      const active = button.getAttribute("data-sort") === this.sort.key;
      mark(button, "aria-sort", active ? (this.sort.down ? "descending" : "ascending") : null);
    }
    this.render();
  }

  private arrange(): void {
    const filtered = this.filter.value.trim() !== "";
    const slots: number[] = [];
    for (let slot = 0; slot < this.tracks.high; slot++) {
      if (this.tracks.alive[slot] && (!filtered || this.matches(slot))) slots.push(slot);
    }
    const value = this.sortValue();
    const sign = this.sort.down ? -1 : 1;
    const { id } = this.tracks.column;
    slots.sort((a, b) => sign * (value(a) - value(b)) || id[a]! - id[b]!);
    this.slots = slots;
    this.order = slots.map((slot) => this.tracks.column.key[slot]!);
  }

  private sortValue(): (slot: number) => number {
    const { id, feed, target, speed } = this.tracks.column;
    const known = (value: number): number => (Number.isFinite(value) ? value : -1e9);
    switch (this.sort.key) {
      case "target": return (slot) => target[slot]!;
      case "speed": return (slot) => known(speed[slot]!);
      case "height": return (slot) => known(this.agl(slot));
      case "seen": return (slot) => known(this.seen(slot));
      default: return (slot) => feed[slot]! * 1e12 + id[slot]!;
    }
  }

  private agl(slot: number): number {
    return this.tracks.column.height[slot]! - this.tracks.column.ground[slot]!;
  }

  /** Seconds since the last detection: what the node said, and what has passed since. */
  private seen(slot: number): number {
    return this.tracks.column.seen[slot]! + Math.max(0, this.now - this.tracks.motion.at[slot]!);
  }

  private matches(slot: number): boolean {
    const c = this.tracks.column;
    const words = [
      trackName(c.id[slot]!, c.feed[slot]!), targetName(c.target[slot]!), targetCode(c.target[slot]!),
      statusName(c.status[slot]!), this.tracks.callsign[slot], modeS(c.mode_s[slot]!), mode3a(c.mode_3a[slot]!),
      this.tracks.isTheirs(slot) ? "foreign system" : "own", trackerNames(c.trackers[slot]!).join(" "), this.tracks.isHidden(slot) ? "hidden" : "",
    ];
    return this.passes({
      words: words.join(" ").toLowerCase(),
      speed: c.speed[slot]! * 3.6,
      height: c.height[slot]!,
      agl: this.agl(slot),
      existence: c.existence[slot]!,
      seen: this.seen(slot),
    });
  }

  private sortBy(key: SortKey): void {
    this.sort = { key, down: this.sort.key === key ? !this.sort.down : key === "speed" || key === "height" };
    this.show(this.now);
  }

  private render(): void {
    const height = this.scroller.clientHeight;
    if (height === 0) return;
    const total = `${this.slots.length * ROW}px`;
    if (this.body.style.height !== total) this.body.style.height = total;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - 1);
    const wanted = Math.min(Math.ceil(height / ROW) + SPARE_ROWS, this.slots.length - first);
    while (this.rows.length < wanted) this.rows.push(this.makeRow());
    let active: string | null = null;
    for (let i = 0; i < this.rows.length; i++) {
      const row = this.rows[i]!;
      row.element.hidden = i >= wanted;
      if (i >= wanted) continue;
      this.fill(row, this.slots[first + i]!, first + i);
      if (row.key === this.operator.selected) active = row.element.id;
    }
    mark(this.scroller, "aria-activedescendant", active);
  }

  private makeRow(): Row {
    const dot = h("span", { class: "dot", role: "img" });
    const cells = COLUMNS.map(() => h("span", {}));
    const element = h("div", { class: "track", role: "option", id: `track-row-${this.rows.length}` }, dot, ...cells);
    const row: Row = { element, dot, cells, key: -1 };
    element.addEventListener("click", () => this.choose(row.key));
    this.body.append(element);
    return row;
  }

  private fill(row: Row, slot: number, at: number): void {
    const c = this.tracks.column;
    row.key = c.key[slot]!;
    const top = `translateY(${at * ROW}px)`;
    if (row.element.style.transform !== top) row.element.style.transform = top;
    mark(row.element, "aria-selected", row.key === this.operator.selected ? "true" : "false");
    const status = this.tracks.isHidden(slot) ? "hidden" : this.tracks.isTheirs(slot) ? "foreign" : statusName(c.status[slot]!);
    mark(row.dot, "data-status", status);
    mark(row.dot, "aria-label", status);
    const texts = [
      this.tracks.callsign[slot] || trackName(c.id[slot]!, c.feed[slot]!),
      targetCode(c.target[slot]!),
      kmh(c.speed[slot]!),
      metres(this.agl(slot)),
      span(this.seen(slot)),
    ];
    row.cells.forEach((cell, i) => write(cell, texts[i]!));
  }
}
