// The map and everything on it, as the rest of the page sees it.

import type OlMap from "ol/Map";
import type VectorLayer from "ol/layer/Vector";
import { getPointResolution } from "ol/proj";
import type { Operator } from "../operator";
import { latDeg, lonDeg } from "../picture/mercator";
import type { Picture } from "../picture/picture";
import { Readout } from "../panels/readout";
import { borderKm, distance, latLon } from "../words/format";
import { type Bounds, goHome, makeMap, viewBounds } from "./basemap";
import { SiteLayer, borderLayer, ringLayer } from "./border";
import { CoverageLayer } from "./coverageLayer";
import { Kilometres } from "./kilometres";
import { Measure } from "./measure";
import { Overlay } from "./overlay";

const FAR_FROM_BORDER_M = 100_000;
const ZOOM_MS = 160;

export class MapView {
  readonly map: OlMap;
  readonly overlay: Overlay;
  readonly readout = new Readout();
  readonly measure: Measure;
  readonly coverage = new CoverageLayer();
  sites: SiteLayer | null = null;
  private kilometres = new Kilometres({ type: "FeatureCollection", features: [] });
  private rings: VectorLayer | null = null;
  private added: VectorLayer[] = [];
  private home: Bounds | null = null;
  private readonly calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  constructor(
    readonly element: HTMLElement,
    private readonly picture: Picture,
    private readonly operator: Operator,
    choose: (key: number | null) => void,
    looked: (bounds: Bounds) => void,
    pick: (lat: number, lon: number) => boolean,
  ) {
    this.map = makeMap(element);
    this.map.addLayer(this.coverage.layer);
    this.overlay = new Overlay(this.map, picture.tracks, picture.plots, operator);
    this.measure = new Measure(this.map);
    // Whoever picks a place need not wait whether the click becomes a double one.
    let picked = false;
    this.map.on("click", (event) => {
      const [x, y] = event.coordinate as [number, number];
      picked = !this.measure.active && pick(latDeg(y), lonDeg(x));
    });
    this.map.on("singleclick", (event) => {
      if (picked || this.measure.click(event.coordinate)) return;
      const touch = (event.originalEvent as PointerEvent).pointerType === "touch";
      choose(this.overlay.pick(event.pixel[0]!, event.pixel[1]!, touch ? 30 : 18));
    });
    this.map.on("pointermove", (event) => {
      if (event.dragging) return;
      this.measure.move(event.coordinate);
      this.showCursor(event.coordinate[0]!, event.coordinate[1]!);
    });
    this.map.on("pointerdrag", () => {
      if (this.operator.follow) this.operator.set({ follow: false });
    });
    this.map.on("moveend", () => {
      this.readout.showScale(this.metre());
      looked(viewBounds(this.map));
    });
    goHome(this.map, null, false);
  }

  /** Draw border, sites and ranges of a new connection; the view moves only for a new stretch. */
  begin(): void {
    const { border, sites, sensors, info } = this.picture;
    for (const layer of this.added) this.map.removeLayer(layer);
    this.sites = new SiteLayer(sites, sensors);
    this.rings = ringLayer(sensors);
    this.added = [this.rings, borderLayer(border), this.sites.layer];
    for (const layer of this.added) this.map.addLayer(layer);
    this.kilometres = new Kilometres(border);
    if (info) this.readout.showTerrain(info);
    this.showRings();
    const home = info?.home ?? null;
    const fresh = JSON.stringify(home) !== JSON.stringify(this.home);
    this.home = home;
    if (fresh) goHome(this.map, home, false);
  }

  showRings(): void {
    this.rings?.setVisible(this.operator.layers.rings);
  }

  goHome(): void {
    goHome(this.map, this.home, !this.calm.matches);
  }

  zoom(by: number): void {
    const view = this.map.getView();
    if (view.getAnimating()) view.cancelAnimations();
    view.animate({ zoom: (view.getZoom() ?? 8) + by, duration: this.calm.matches ? 0 : ZOOM_MS });
  }

  pan(right: number, up: number): void {
    const view = this.map.getView();
    const step = 90 * (view.getResolution() ?? 1);
    const [x, y] = view.getCenter() as [number, number];
    this.operator.set({ follow: false });
    view.animate({ center: [x + right * step, y + up * step], duration: this.calm.matches ? 0 : ZOOM_MS });
  }

  /** Bring a place to the middle, near enough to see something. */
  centre(x: number, y: number, animate = true): void {
    const view = this.map.getView();
    const duration = animate && !this.calm.matches ? 250 : 0;
    if (duration) view.animate({ center: [x, y], duration });
    else view.setCenter([x, y]);
  }

  /** Bring a rectangle of the map [m] onto the screen, beside a card that lies on the map. */
  fit(bounds: Bounds, beside: HTMLElement): void {
    const [map, card] = [this.element, beside].map((element) => element.getBoundingClientRect()) as [DOMRect, DOMRect];
    const over = card.top < map.bottom && card.right < map.left + map.width / 2 ? card.right - map.left : 0;
    this.map.getView().fit(bounds, { padding: [44, 12, 34, 12 + over], duration: this.calm.matches ? 0 : 300 });
  }

  /** Latitude and longitude [deg] of the middle of the map. */
  middle(): { lat: number; lon: number } {
    const [x, y] = this.map.getView().getCenter() as [number, number];
    return { lat: latDeg(y), lon: lonDeg(x) };
  }

  /** Move the view only when a place is not on the screen. */
  reveal(x: number, y: number): void {
    const screen = this.overlay.screen();
    if (!screen) return;
    const px = (x - screen.left) / screen.resolution;
    const py = (screen.top - y) / screen.resolution;
    const margin = 40;
    const inside = px > margin && py > margin && px < screen.width - margin && py < screen.height - margin;
    if (!inside) this.centre(x, y);
  }

  /** Draw the moving part; called in every animation frame. */
  draw(t: number): void {
    const { follow, selected } = this.operator;
    const slot = selected === null ? undefined : this.picture.tracks.slotOf(selected);
    const view = this.map.getView();
    if (follow && slot !== undefined && !view.getAnimating() && !view.getInteracting()) {
      this.followTo(this.picture.tracks.x(slot, t), this.picture.tracks.y(slot, t));
    }
    this.overlay.draw(t);
    const screen = this.overlay.screen();
    if (this.measure.active && screen) this.measure.draw(this.overlay.context, screen);
  }

  /** Where a place is, seen from the border. */
  borderWords(lat: number, lon: number): string {
    const near = this.kilometres.nearest(lat, lon);
    if (!near || near.away > FAR_FROM_BORDER_M) return "–";
    return `${borderKm(near.border, near.km)}, ${distance(near.away)} off`;
  }

  /** Shift the map in steps of whole pixels: the base map is redrawn only when it must be. */
  private followTo(x: number, y: number): void {
    const view = this.map.getView();
    const [cx, cy] = view.getCenter() as [number, number];
    const pixel = view.getResolution() ?? 1;
    if (Math.hypot(x - cx, y - cy) > 2 * pixel) view.setCenter([x, y]);
  }

  private metre(): number {
    const view = this.map.getView();
    return getPointResolution("EPSG:3857", view.getResolution() ?? 1, view.getCenter() ?? [0, 0], "m");
  }

  private showCursor(x: number, y: number): void {
    const [lat, lon] = [latDeg(y), lonDeg(x)];
    const border = this.borderWords(lat, lon);
    this.readout.cursor.textContent = `${latLon(lat, lon)}${border === "–" ? "" : ` · ${border}`}`;
  }
}
