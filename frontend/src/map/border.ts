// The border with its kilometre posts, sites, and how far their sensors reach.

import Feature, { type FeatureLike } from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, Icon, Stroke, Style, Text } from "ol/style";
import { destination } from "../picture/mercator";
import type { GeoJson, Sensor, Site } from "../stream/messages";
import { HEALTH_COLOURS, palette } from "./palette";

const FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const LINE = [
  new Style({ stroke: new Stroke({ color: palette.borderGlow, width: 9 }) }),
  new Style({ stroke: new Stroke({ color: palette.borderCase, width: 4.5 }) }),
  new Style({ stroke: new Stroke({ color: palette.border, width: 2, lineDash: [14, 5, 2, 5] }) }),
];
/** Spacing of the posts that are shown [km], by map resolution [m per pixel]. */
const SPACINGS: readonly [number, number][] = [
  [27, 1], [140, 5], [280, 10], [600, 20], [1500, 50], [Infinity, 100],
];

export function postSpacing(resolution: number): number {
  return SPACINGS.find(([limit]) => resolution <= limit)![1];
}

export function borderLayer(border: GeoJson): VectorLayer {
  const features = new GeoJSON().readFeatures(border, { featureProjection: "EPSG:3857" });
  return new VectorLayer({
    source: new VectorSource({ features }),
    declutter: true,
    updateWhileAnimating: true,
    updateWhileInteracting: true,
    style: (feature, resolution) =>
      feature.getGeometry()?.getType() === "Point" ? postStyle(feature, resolution) : LINE,
  });
}

function postStyle(feature: FeatureLike, resolution: number): Style[] {
  const km = Number(feature.get("km"));
  const spacing = postSpacing(resolution);
  if (!Number.isFinite(km) || Math.abs(km / spacing - Math.round(km / spacing)) > 1e-6) return [];
  return [
    new Style({
      image: new Circle({
        radius: 3,
        fill: new Fill({ color: palette.ink }),
        stroke: new Stroke({ color: palette.post, width: 1.5 }),
      }),
    }),
    new Style({
      text: new Text({
        text: `${feature.get("border") ?? ""} ${km}`.trim(),
        font: `500 10.5px ${FONT}`,
        offsetY: -12,
        fill: new Fill({ color: palette.post }),
        stroke: new Stroke({ color: "rgba(6,9,11,0.85)", width: 3 }),
      }),
    }),
  ];
}

/** Where the equipment stands, coloured by how it does. */
export class SiteLayer {
  readonly layer: VectorLayer;
  private readonly health = new Map<string, string>();
  private readonly icons = new Map<string, Style>();

  constructor(sites: Site[], sensors: Sensor[]) {
    const features = sites.map((site) => {
      const feature = new Feature(new Point(fromLonLat([site.lon, site.lat])));
      const here = sensors.filter((sensor) => sensor.site === site.id);
      feature.setProperties({ name: site.name || site.id, sensors: here.map((sensor) => sensor.id) });
      feature.setProperties({ assumed: here.some((sensor) => sensor.position_assumed) });
      return feature;
    });
    this.layer = new VectorLayer({
      source: new VectorSource({ features }),
      updateWhileAnimating: true,
      updateWhileInteracting: true,
      style: (feature, resolution) => this.style(feature, resolution),
    });
  }

  /** Take the health of one sensor; the site shows the worst of its own. */
  report(sensor: string, health: string): void {
    if (this.health.get(sensor) === health) return;
    this.health.set(sensor, health);
    this.layer.changed();
  }

  private style(feature: FeatureLike, resolution: number): Style[] {
    const grades = (feature.get("sensors") as string[]).map((id) => this.health.get(id) ?? "unknown");
    const worst = ["silent", "degraded", "off", "good"].find((grade) => grades.includes(grade)) ?? "unknown";
    const styles = [this.icon(worst)];
    if (resolution > 400) return styles;
    const name = `${feature.get("name")}${feature.get("assumed") ? " (position assumed)" : ""}`;
    styles.push(
      new Style({
        text: new Text({
          text: name,
          font: `500 11px ${FONT}`,
          offsetY: 19,
          fill: new Fill({ color: palette.site }),
          stroke: new Stroke({ color: "rgba(6,9,11,0.85)", width: 3 }),
        }),
      }),
    );
    return styles;
  }

  private icon(health: string): Style {
    const known = this.icons.get(health);
    if (known) return known;
    const style = new Style({ image: new Icon({ img: drawMast(health), size: [56, 56], scale: 0.5 }) });
    this.icons.set(health, style);
    return style;
  }
}

function drawMast(health: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 56;
  const context = canvas.getContext("2d")!;
  context.scale(2, 2);
  context.fillStyle = "rgba(8, 20, 28, 0.9)";
  context.strokeStyle = palette.site;
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(3, 3, 22, 22, 5);
  context.fill();
  context.stroke();
  context.lineCap = "round";
  context.stroke(new Path2D("M14 13 V21 M10.500 21 H17.500 M9.500 13.500 a5 5 0 0 1 0 -6 M18.500 13.500 a5 5 0 0 0 0 -6"));
  context.fillStyle = palette.site;
  context.fill(new Path2D("M14 8.500 a2 2 0 1 0 0.010 0"));
  context.fillStyle = HEALTH_COLOURS[health] ?? HEALTH_COLOURS["unknown"]!;
  context.strokeStyle = palette.ink;
  context.beginPath();
  context.arc(23, 23, 4, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  return canvas;
}

/** Instrumented ranges; a sector is drawn as a wedge. */
export function ringLayer(sensors: Sensor[]): VectorLayer {
  const features = sensors.map((sensor) => new Feature(ring(sensor)));
  return new VectorLayer({
    source: new VectorSource({ features }),
    updateWhileAnimating: true,
    updateWhileInteracting: true,
    style: new Style({
      stroke: new Stroke({ color: palette.ring, width: 1.25, lineDash: [5, 5] }),
      fill: new Fill({ color: "rgba(143, 211, 255, 0.035)" }),
    }),
  });
}

function ring(sensor: Sensor): Polygon {
  const width = sensor.sector_width_deg || 360;
  const steps = 90;
  const points: [number, number][] = width < 359.9 ? [[sensor.lon, sensor.lat]] : [];
  for (let i = 0; i <= steps; i++) {
    const [lat, lon] = destination(sensor.lat, sensor.lon, sensor.max_range, (sensor.sector_start_deg || 0) + (width * i) / steps);
    points.push([lon, lat]);
  }
  points.push(points[0]!);
  return new Polygon([points.map((point) => fromLonLat(point))]);
}
