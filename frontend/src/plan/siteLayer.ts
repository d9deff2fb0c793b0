// The sites of a plan on the map: a mark for each package, links between them, and the ghost of
// where a moved site stood. Sites that stand already cannot be dragged.

import Feature, { type FeatureLike } from "ol/Feature";
import LineString from "ol/geom/LineString";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style";
import { MARKS, MARK_COLOURS } from "./colours";
import { type Drag, Dragger, nearest } from "./dragger";
import type { Placed, Scene, State } from "./messages";

const FONT = "600 11px system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const INK = "#06090b";
/** Names are written from this resolution on [m per pixel]. */
const NAMES_FROM = 420;

export class SiteLayer {
  readonly layers: VectorLayer[];
  private readonly sites = new VectorSource<Feature<Point>>();
  private readonly lines = new VectorSource<Feature<LineString>>();
  private readonly dragger: Dragger;
  private readonly fixed: Set<string>;
  private readonly planned: Map<string, Placed>;
  private chosen: string | null = null;

  constructor(private readonly scene: Scene, drag: Drag, editable: boolean) {
    this.fixed = new Set(scene.sites.filter((site) => site.fixed).map((site) => site.id));
    this.planned = new Map(scene.sites.map((site) => [site.id, site]));
    const often = { updateWhileAnimating: true, updateWhileInteracting: true };
    this.layers = [
      new VectorLayer({ source: this.lines, style: (feature) => lineStyle(feature), ...often }),
      new VectorLayer({ source: this.sites, style: (feature, resolution) => this.style(feature, resolution), ...often }),
    ];
    this.dragger = new Dragger(this.sites, drag, (id) => editable && !this.fixed.has(id));
  }

  addTo(map: OlMap): void {
    for (const layer of this.layers) map.addLayer(layer);
    map.addInteraction(this.dragger);
  }

  /** Name of the site under a pixel, if any. */
  at(map: OlMap, pixel: number[]): string | null {
    return nearest(this.sites, map, pixel, 14)?.getId()?.toString() ?? null;
  }

  /** Put the sites where a state has them; the one under the hand stays there. */
  show(state: State): void {
    const keep = new Set(state.sites.map((site) => site.id));
    for (const feature of this.sites.getFeatures()) {
      if (!keep.has(String(feature.getId()))) this.sites.removeFeature(feature);
    }
    for (const site of state.sites) {
      let feature = this.sites.getFeatureById(site.id) as Feature<Point> | null;
      if (!feature) {
        feature = new Feature(new Point(fromLonLat([site.lon, site.lat])));
        feature.setId(site.id);
        this.sites.addFeature(feature);
      } else if (site.id !== this.dragger.held) {
        feature.getGeometry()!.setCoordinates(fromLonLat([site.lon, site.lat]));
      }
      feature.setProperties({ kit: site.package, adds: site.adds });
    }
    this.drawLines(state);
  }

  choose(id: string | null): void {
    this.chosen = id;
    this.layers[1]!.changed();
  }

  private drawLines(state: State): void {
    this.lines.clear();
    const now = new Map(state.sites.map((site) => [site.id, site]));
    const moved = (id: string) => {
      const [planned, here] = [this.planned.get(id), now.get(id)];
      return !planned || !here || planned.lat !== here.lat || planned.lon !== here.lon;
    };
    const done = new Set<string>();
    for (const site of this.scene.sites) {
      for (const other of site.links) {
        const [one, two] = [now.get(site.id), now.get(other)];
        const key = [site.id, other].sort().join("\n");
        if (!one || !two || done.has(key)) continue;
        done.add(key);
        this.addLine("link", one, two, moved(site.id) || moved(other));
      }
      const here = now.get(site.id);
      if (here && moved(site.id)) this.addLine("ghost", site, here, false);
    }
  }

  private addLine(kind: string, one: Placed, two: Placed, unsure: boolean): void {
    const feature = new Feature(new LineString([fromLonLat([one.lon, one.lat]), fromLonLat([two.lon, two.lat])]));
    feature.setProperties({ kind, unsure });
    this.lines.addFeature(feature);
  }

  private style(feature: FeatureLike, resolution: number): Style[] {
    const id = String(feature.getId());
    const number = this.scene.packages.findIndex((kit) => kit.id === feature.get("kit"));
    const chosen = id === this.chosen;
    const radius = (resolution > 1500 ? 5.5 : resolution > 400 ? 7 : 9) + (chosen ? 2 : 0);
    const styles = [
      new Style({
        image: mark(MARKS[Math.max(0, number) % MARKS.length]!, radius, {
          fill: new Fill({ color: MARK_COLOURS[Math.max(0, number) % MARK_COLOURS.length]! }),
          stroke: new Stroke({ color: this.fixed.has(id) ? "#ff9df0" : INK, width: this.fixed.has(id) ? 2.2 : 1.5 }),
        }),
        zIndex: chosen ? 3 : 2,
      }),
    ];
    if (chosen) {
      styles.push(new Style({ image: new Circle({ radius: radius + 5, stroke: new Stroke({ color: "#ffffff", width: 2 }) }), zIndex: 3 }));
    }
    if (chosen || resolution < NAMES_FROM) {
      styles.push(
        new Style({
          text: new Text({
            text: id.length > 40 ? `${id.slice(0, 39)}…` : id,
            font: FONT,
            offsetY: -radius - 10,
            fill: new Fill({ color: "#f3f7f8" }),
            stroke: new Stroke({ color: "rgba(6,9,11,0.9)", width: 3.5 }),
          }),
          zIndex: 4,
        }),
      );
    }
    return styles;
  }
}

type Look = { fill: Fill; stroke: Stroke };

export function mark(kind: (typeof MARKS)[number], radius: number, look: Look): Circle | RegularShape {
  if (kind === "circle") return new Circle({ radius: radius * 0.86, ...look });
  const shapes = {
    triangle: { points: 3, angle: 0, radius: radius * 1.15 },
    square: { points: 4, angle: Math.PI / 4, radius: radius * 1.1 },
    diamond: { points: 4, angle: 0, radius: radius * 1.1 },
    hexagon: { points: 6, angle: 0, radius },
  };
  return new RegularShape({ ...shapes[kind], ...look });
}

function lineStyle(feature: FeatureLike): Style {
  if (feature.get("kind") === "ghost") {
    return new Style({ stroke: new Stroke({ color: "rgba(255, 255, 255, 0.55)", width: 1.2, lineDash: [2, 4] }) });
  }
  const unsure = Boolean(feature.get("unsure"));
  return new Style({
    stroke: new Stroke({
      color: unsure ? "rgba(255, 177, 59, 0.8)" : "rgba(143, 211, 255, 0.55)",
      width: 1.3,
      ...(unsure ? { lineDash: [5, 4] } : {}),
    }),
  });
}
