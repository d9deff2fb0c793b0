// The coverage on the map: tint, hatch where nobody knows, range rings, and the site.

import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import { colour, UNKNOWN, type Coverage } from "../coverage/raster";
import { type Detection, chanceWords } from "../coverage/detection";
import { rampWords } from "../coverage/ramp";
import { h } from "../dom";
import { destination, mercatorX, mercatorY } from "../picture/mercator";
import { type Screen, screenOf } from "./frame";
import { palette } from "./palette";

const FONT = "600 11px system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const HATCH_PX = 9;
const RING_POINTS = 120;
/** Rings at most, beside the outermost. */
const MOST_RINGS = 5;

interface Ring {
  words: string;
  points: Float64Array;
}

export class CoverageLayer {
  readonly layer: Layer;
  private readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d")!;
  // OpenLayers would draw the layers above into a bare canvas.
  private readonly holder = h("div", { class: "coverage-holder" }, this.canvas);
  private readonly tint = document.createElement("canvas");
  private readonly unknown = document.createElement("canvas");
  private readonly spare = document.createElement("canvas");
  private coverage: Coverage | null = null;
  private image: ImageData | null = null;
  private ramp = new Uint32Array(0);
  private hasUnknown = false;
  private fading = false;
  private rings: Ring[] = [];

  constructor() {
    this.layer = new Layer({ className: "coverage-layer", visible: false, render: (state) => this.render(state) });
  }

  /** Show a coverage; `limit` is the code up to which cells are seen. */
  show(coverage: Coverage, limit: number): void {
    this.coverage = coverage;
    const { side, codes } = coverage;
    for (const canvas of [this.tint, this.unknown]) canvas.width = canvas.height = side;
    this.ramp = rampWords(coverage.steps_per_e);
    this.image = this.tint.getContext("2d")!.createImageData(side, side);
    this.hasUnknown = false;
    const mask = this.unknown.getContext("2d")!.createImageData(side, side);
    const words = new Uint32Array(mask.data.buffer);
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] !== UNKNOWN) continue;
      words[i] = 0xffffffff;
      this.hasUnknown = true;
    }
    this.unknown.getContext("2d")!.putImageData(mask, 0, 0);
    this.rings = makeRings(coverage);
    this.layer.setVisible(true);
    this.limit(limit);
  }

  /** Colour anew for another target height. */
  limit(limit: number): void {
    if (!this.coverage || !this.image) return;
    colour(this.coverage.codes, limit, this.ramp, new Uint32Array(this.image.data.buffer));
    this.tint.getContext("2d")!.putImageData(this.image, 0, 0);
    this.layer.changed();
  }

  /** Colour by the chance of detection instead. */
  chance({ chance, parts }: Detection): void {
    if (!this.image || chance.length !== this.coverage?.codes.length) return;
    colour(chance, 255, chanceWords(parts), new Uint32Array(this.image.data.buffer));
    this.tint.getContext("2d")!.putImageData(this.image, 0, 0);
    this.layer.changed();
  }

  /** Let the tint fade while it is out of date. */
  stale(on: boolean): void {
    this.fading = on;
    this.layer.changed();
  }

  clear(): void {
    this.coverage = null;
    this.image = null;
    this.layer.setVisible(false);
  }

  private render(state: FrameState): HTMLElement {
    const ratio = Math.min(state.pixelRatio, 2);
    const screen = screenOf(state);
    fit(this.canvas, screen, ratio);
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.coverage) return this.holder;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const box = boxOf(this.coverage, screen);
    // Cells stay square once they are large enough to be looked at one by one.
    context.imageSmoothingEnabled = box.size / this.coverage.side < 3;
    context.globalAlpha = this.fading ? 0.4 : 1;
    context.drawImage(this.tint, box.x, box.y, box.size, box.size);
    context.globalAlpha = 1;
    if (this.hasUnknown) this.drawUnknown(screen, ratio, box);
    this.drawRings(screen);
    drawSite(context, this.coverage, screen);
    return this.holder;
  }

  private drawUnknown(screen: Screen, ratio: number, box: Box): void {
    fit(this.spare, screen, ratio);
    const context = this.spare.getContext("2d")!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "copy";
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.unknown, box.x, box.y, box.size, box.size);
    context.globalCompositeOperation = "source-in";
    const hatch = context.createPattern(hatchTile(), "repeat")!;
    // The hatch lies on the ground and moves with it.
    hatch.setTransform(new DOMMatrix([1, 0, 0, 1, box.x % HATCH_PX, box.y % HATCH_PX]));
    context.fillStyle = hatch;
    context.fillRect(0, 0, screen.width, screen.height);
    this.context.drawImage(this.spare, 0, 0, screen.width, screen.height);
  }

  private drawRings(screen: Screen): void {
    const { context } = this;
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.rings.forEach(({ words, points }, i) => {
      const outermost = i === this.rings.length - 1;
      context.beginPath();
      for (let at = 0; at < points.length; at += 2) {
        const x = (points[at]! - screen.left) / screen.resolution;
        const y = (screen.top - points[at + 1]!) / screen.resolution;
        if (at === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      context.closePath();
      context.setLineDash(outermost ? [] : [4, 5]);
      context.lineWidth = outermost ? 1.5 : 1;
      context.strokeStyle = outermost ? palette.coverageEdge : palette.coverageRing;
      context.stroke();
      context.setLineDash([]);
      const x = (points[0]! - screen.left) / screen.resolution;
      const y = (screen.top - points[1]!) / screen.resolution;
      label(context, words, x, y);
    });
  }
}

interface Box {
  x: number;
  y: number;
  size: number;
}

function boxOf({ bounds }: Coverage, screen: Screen): Box {
  return {
    x: (bounds[0] - screen.left) / screen.resolution,
    y: (screen.top - bounds[3]) / screen.resolution,
    size: (bounds[2] - bounds[0]) / screen.resolution,
  };
}

function fit(canvas: HTMLCanvasElement, screen: Screen, ratio: number): void {
  const width = Math.round(screen.width * ratio);
  const height = Math.round(screen.height * ratio);
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${screen.width}px`;
  canvas.style.height = `${screen.height}px`;
}

let hatched: HTMLCanvasElement | null = null;

function hatchTile(): HTMLCanvasElement {
  if (hatched) return hatched;
  hatched = document.createElement("canvas");
  hatched.width = hatched.height = HATCH_PX;
  const context = hatched.getContext("2d")!;
  context.fillStyle = palette.coverageUnknownGround;
  context.fillRect(0, 0, HATCH_PX, HATCH_PX);
  context.strokeStyle = palette.coverageUnknown;
  context.lineWidth = 1.6;
  context.beginPath();
  for (const shift of [-HATCH_PX, 0, HATCH_PX]) {
    context.moveTo(shift, HATCH_PX);
    context.lineTo(shift + HATCH_PX, 0);
  }
  context.stroke();
  return hatched;
}

function label(context: CanvasRenderingContext2D, words: string, x: number, y: number): void {
  context.lineWidth = 3.5;
  context.lineJoin = "round";
  context.strokeStyle = "rgba(6, 9, 11, 0.85)";
  context.strokeText(words, x, y);
  context.fillStyle = palette.coverageLabel;
  context.fillText(words, x, y);
}

function drawSite(context: CanvasRenderingContext2D, { lat, lon }: Coverage, screen: Screen): void {
  const x = (mercatorX(lon) - screen.left) / screen.resolution;
  const y = (screen.top - mercatorY(lat)) / screen.resolution;
  context.lineWidth = 4;
  context.strokeStyle = "rgba(6, 9, 11, 0.8)";
  for (const pass of [0, 1]) {
    if (pass) {
      context.lineWidth = 1.75;
      context.strokeStyle = "#ffffff";
    }
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    for (const [dx, dy] of [[0, -1], [1, 0], [0, 1], [-1, 0]] as const) {
      context.moveTo(x + 4 * dx, y + 4 * dy);
      context.lineTo(x + 13 * dx, y + 13 * dy);
    }
    context.stroke();
  }
}

/** Rings at round ranges, and the outermost at the farthest range. */
function makeRings({ lat, lon, max_range: most }: Coverage): Ring[] {
  const step = ringStep(most);
  const ranges = [most];
  for (let range = Math.floor((most - 0.2 * step) / step) * step; range > 0; range -= step) ranges.unshift(range);
  return ranges.map((range) => {
    const points = new Float64Array(2 * RING_POINTS);
    for (let i = 0; i < RING_POINTS; i++) {
      const [there, away] = destination(lat, lon, range, (i * 360) / RING_POINTS);
      points[2 * i] = mercatorX(away);
      points[2 * i + 1] = mercatorY(there);
    }
    return { words: `${Number((range / 1000).toFixed(1))} km`, points };
  });
}

/** The smallest of 1, 2, 5 × 10ⁿ metres that makes few rings. */
export function ringStep(most: number): number {
  for (let power = 100; ; power *= 10) {
    for (const factor of [1, 2, 5]) if (most / (factor * power) <= MOST_RINGS) return factor * power;
  }
}
