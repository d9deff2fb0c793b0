// Measure: distance and bearing from a first point to the pointer or to a second one.

import type OlMap from "ol/Map";
import { h, write } from "../dom";
import { latDeg, lonDeg, mercatorX, mercatorY, rangeAndBearing } from "../picture/mercator";
import { bearing, distance } from "../words/format";
import type { Screen } from "./frame";

type Place = { lat: number; lon: number };

export class Measure {
  readonly element = h("div", { class: "measure", role: "status", hidden: true });
  active = false;
  private from: Place | null = null;
  private to: Place | null = null;
  private fixed = false;

  constructor(private readonly map: OlMap) {}

  toggle(): void {
    this.active = !this.active;
    this.from = this.to = null;
    this.fixed = false;
    this.element.hidden = !this.active;
    write(this.element, "Measure: click the first point");
    this.map.getTargetElement()?.classList.toggle("is-measuring", this.active);
  }

  /** Take a click; gives whether it was one of ours. */
  click(coordinate: number[]): boolean {
    if (!this.active) return false;
    if (!this.from || this.fixed) {
      this.from = place(coordinate);
      this.to = null;
      this.fixed = false;
      write(this.element, "Measure: click the second point");
    } else {
      this.move(coordinate);
      this.fixed = true;
    }
    return true;
  }

  move(coordinate: number[]): void {
    if (!this.active || !this.from || this.fixed) return;
    this.to = place(coordinate);
    const there = rangeAndBearing(this.from.lat, this.from.lon, this.to.lat, this.to.lon);
    write(this.element, `${distance(there.range)} · ${bearing(there.bearing)}`);
  }

  draw(context: CanvasRenderingContext2D, screen: Screen): void {
    if (!this.from || !this.to) return;
    const [x1, y1] = pixel(this.from, screen);
    const [x2, y2] = pixel(this.to, screen);
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5;
    context.setLineDash([6, 4]);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = "#ffffff";
    for (const [x, y] of [[x1, y1], [x2, y2]] as const) context.fillRect(x - 2.5, y - 2.5, 5, 5);
  }
}

function place(coordinate: number[]): Place {
  return { lat: latDeg(coordinate[1]!), lon: lonDeg(coordinate[0]!) };
}

function pixel({ lat, lon }: Place, screen: Screen): [number, number] {
  return [
    (mercatorX(lon) - screen.left) / screen.resolution,
    (screen.top - mercatorY(lat)) / screen.resolution,
  ];
}
