// One plan on one map: its ground, its sites, what was done to it, and the questions under way.

import type OlMap from "ol/Map";
import type View from "ol/View";
import { transformExtent } from "ol/proj";
import { h, mark } from "../dom";
import { makeMap } from "../map/basemap";
import { distance } from "../words/format";
import { rangeAndBearing } from "../picture/mercator";
import { evaluate } from "./client";
import { GroundLayer } from "./ground";
import type { History } from "./history";
import type { Placed, Scene, State } from "./messages";
import { SiteLayer } from "./siteLayer";

/** A dragged site goes to the highest ground within this distance [m]. */
export const SEEK_HIGH_M = 800;

/** A loaded plan with its history; several maps may show it. */
export interface Opened {
  number: number;
  scene: Scene;
  history: History;
}

export interface BoardHost {
  choose(board: Board, id: string | null): void;
  /** A state that is passing by under the hand, or null when it is over. */
  passing(board: Board, state: State | null): void;
  changed(board: Board): void;
  busy(on: boolean): void;
  fail(error: unknown): void;
  seekHigh(): boolean;
}

export class Board {
  readonly element: HTMLElement;
  readonly map: OlMap;
  readonly ground: GroundLayer;
  readonly sites: SiteLayer;
  private readonly label = h("div", { class: "board-label" });
  private asked = 0;
  private inFlight = false;
  private waiting: (() => void) | null = null;

  /** `planned`: show the plan as it was loaded, and let nobody change it. */
  constructor(readonly plan: Opened, readonly planned: boolean, view: View | null, private readonly host: BoardHost) {
    this.element = h("div", { class: "board", tabindex: "0", "aria-label": `map of ${plan.scene.title}` });
    this.element.append(this.label);
    this.map = makeMap(this.element);
    if (view) this.map.setView(view);
    this.ground = new GroundLayer(plan.scene);
    this.map.addLayer(this.ground.layer);
    this.sites = new SiteLayer(plan.scene, {
      choose: (id) => host.choose(this, id),
      moving: (id, lat, lon) => this.follow(id, lat, lon),
      moved: (id, lat, lon) => void this.put(id, { lat, lon }),
    }, !planned);
    this.sites.addTo(this.map);
    this.map.on("singleclick", (event) => host.choose(this, this.sites.at(this.map, event.pixel)));
    this.map.on("pointermove", (event) => {
      if (!event.dragging) this.element.style.cursor = this.sites.at(this.map, event.pixel) ? "pointer" : "";
    });
  }

  get state(): State {
    return this.planned ? this.plan.history.planned : this.plan.history.now;
  }

  /** Draw a state: the board's own, or one that passes by under the hand. */
  show(kind: number, state: State = this.state, before: State | null = null): void {
    this.ground.show(state, kind, before);
    this.sites.show(state);
  }

  name(words: string): void {
    this.label.textContent = words;
    mark(this.label, "hidden", words ? null : "");
  }

  fit(): void {
    const { cell_lat: lat, cell_lon: lon } = this.plan.scene;
    const bounds = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < lat.length; i++) {
      bounds[0] = Math.min(bounds[0]!, lon[i]!);
      bounds[1] = Math.min(bounds[1]!, lat[i]!);
      bounds[2] = Math.max(bounds[2]!, lon[i]!);
      bounds[3] = Math.max(bounds[3]!, lat[i]!);
    }
    this.map.getView().fit(transformExtent(bounds, "EPSG:4326", "EPSG:3857"), { padding: [44, 44, 44, 44] });
  }

  /** Move a site, or put another package on it, and remember it. */
  async put(id: string, change: Partial<Placed>, words = ""): Promise<void> {
    const from = this.state.sites.find((site) => site.id === id);
    if (!from || this.planned) return;
    const seek = "lat" in change && !("id" in change) && this.host.seekHigh() ? SEEK_HIGH_M : 0;
    const sites = this.state.sites.map((site) => (site.id === id ? { ...site, ...change } : site));
    const name = change.id ?? id;
    const told = words || wordsOf(name, from, change);
    await this.take(sites, told, { moved: name, seek_high: seek });
  }

  async remove(id: string): Promise<void> {
    if (this.planned) return;
    await this.take(this.state.sites.filter((site) => site.id !== id), `${id} removed`, {});
  }

  private async take(sites: Placed[], words: string, move: { moved?: string; seek_high?: number }): Promise<void> {
    const number = ++this.asked;
    this.host.busy(true);
    try {
      const state = await evaluate(this.plan.number, this.plan.scene, sites, { ...move, assure: false });
      if (number !== this.asked) return;
      this.plan.history.add({ words, state });
      this.host.changed(this);
      if (this.plan.scene.measures.length > 0) await this.complete(state);
    } catch (error) {
      if (number !== this.asked) return;
      this.host.changed(this);
      this.host.fail(error);
    } finally {
      if (number === this.asked) this.host.busy(false);
    }
  }

  /** What a plan assures comes after what it sees: the figures need not wait for it. */
  private async complete(state: State): Promise<void> {
    const whole = await evaluate(this.plan.number, this.plan.scene, state.sites, { assure: true });
    state.assurance = whole.assurance;
    this.host.changed(this);
  }

  /** Show what a site would see while it is still under the hand: one question at a time. */
  private follow(id: string, lat: number, lon: number): void {
    if (this.inFlight) {
      this.waiting = () => this.follow(id, lat, lon);
      return;
    }
    this.inFlight = true;
    const number = this.asked;
    const sites = this.state.sites.map((site) => (site.id === id ? { ...site, lat, lon } : site));
    evaluate(this.plan.number, this.plan.scene, sites, { assure: false })
      .then((state) => number === this.asked && this.host.passing(this, state))
      .catch(() => number === this.asked && this.host.passing(this, null)) // said when the site is put down
      .finally(() => {
        this.inFlight = false;
        const next = this.waiting;
        this.waiting = null;
        if (number === this.asked) next?.();
      });
  }
}

function wordsOf(id: string, from: Placed, change: Partial<Placed>): string {
  if (change.package && change.package !== from.package) return `${id}: ${change.package} instead of ${from.package}`;
  const { range } = rangeAndBearing(from.lat, from.lon, change.lat ?? from.lat, change.lon ?? from.lon);
  return `${id} moved ${distance(range)}`;
}
