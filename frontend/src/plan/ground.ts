// The watched ground under a plan: its cells, and beside the border a ribbon of what each
// kilometre sees. Drawn on one canvas; far out as pixels, near by as squares.

import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import { h } from "../dom";
import { type Screen, screenOf } from "../map/frame";
import { mercatorX, mercatorY, stretch } from "../picture/mercator";
import { GAIN, LOSS, PART, SEEN, UNSEEN, css, shareColour, shareRgb, word } from "./colours";
import { gradesOf } from "./grades";
import type { Scene, State } from "./messages";
import { sharesOf } from "./profile";

const ALPHA = 0.72;
const LEAST_PX = 2;
const RIBBON_STEP_PX = 5;
const RIBBON_OFFSET_PX = 10;
const RIBBON_PX = 6;
const LEVELS = 33;
const BLENDED = Uint32Array.from({ length: LEVELS }, (_, i) => word(shareRgb(i / (LEVELS - 1)), ALPHA));
const COLOURS = [css(UNSEEN, ALPHA), css(PART, ALPHA), css(SEEN, ALPHA)];

export class GroundLayer {
  readonly layer: Layer;
  private readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d")!;
  private readonly spare = document.createElement("canvas");
  // OpenLayers would draw the layers above into a bare canvas.
  private readonly holder = h("div", { class: "plan-holder" }, this.canvas);
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly size: number;
  private readonly vertexX: Float64Array;
  private readonly vertexY: Float64Array;
  private readonly sides: number[];
  private sums = new Uint16Array(0);
  private numbers = new Uint16Array(0);
  private grades = new Uint8Array(0);
  private shares: Float32Array = new Float32Array(0);
  private change: Float32Array | null = null;

  constructor(private readonly scene: Scene) {
    this.x = Float64Array.from(scene.cell_lon, mercatorX);
    this.y = Float64Array.from(scene.cell_lat, mercatorY);
    this.size = scene.cell * stretch(scene.cell_lat[scene.cell_lat.length >> 1] ?? 46) * 1.04;
    this.vertexX = Float64Array.from(scene.vertex_lon, mercatorX);
    this.vertexY = Float64Array.from(scene.vertex_lat, mercatorY);
    this.sides = this.insides();
    this.layer = new Layer({ className: "plan-ground", render: (state) => this.render(state) });
  }

  /** Show a state: `kind` is 0 for all classes together, then the classes, then the measures. */
  show(state: State, kind: number, before: State | null): void {
    const classes = this.scene.classes.length;
    this.grades = gradesOf(state.counts, classes, kind <= classes ? kind : 0);
    this.shares = sharesOf(this.scene, state, kind);
    const other = before && before !== state ? sharesOf(this.scene, before, kind) : null;
    this.change = other && this.shares.map((share, i) => share - other[i]!);
    this.layer.changed();
  }

  private render(state: FrameState): HTMLElement {
    const ratio = Math.min(state.pixelRatio, 2);
    const screen = screenOf(state);
    fit(this.canvas, screen, ratio);
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const size = this.size / screen.resolution;
    if (size * ratio <= 5) this.drawPixels(screen, ratio, Math.max(LEAST_PX, Math.round(size * ratio)));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (size * ratio > 5) this.drawSquares(screen, size);
    this.drawRibbon(screen);
    return this.holder;
  }

  /** Many cells share a pixel: it takes the colour of what they see together. */
  private drawPixels(screen: Screen, ratio: number, side: number): void {
    const { width, height } = this.canvas;
    fit(this.spare, screen, ratio);
    const context = this.spare.getContext("2d")!;
    const image = context.createImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    if (this.sums.length !== words.length) [this.sums, this.numbers] = [new Uint16Array(words.length), new Uint16Array(words.length)];
    const { sums, numbers } = this;
    sums.fill(0);
    numbers.fill(0);
    const scale = ratio / screen.resolution;
    for (let i = 0; i < this.x.length; i++) {
      const left = Math.round((this.x[i]! - screen.left) * scale - side / 2);
      const top = Math.round((screen.top - this.y[i]!) * scale - side / 2);
      if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
      const grade = this.grades[i]!;
      for (let row = top; row < top + side; row++) {
        for (let at = row * width + left; at < row * width + left + side; at++) {
          sums[at]! += grade;
          numbers[at]! += 1;
        }
      }
    }
    for (let at = 0; at < words.length; at++) {
      if (numbers[at]) words[at] = BLENDED[Math.round(((LEVELS - 1) * sums[at]!) / (2 * numbers[at]!))]!;
    }
    context.putImageData(image, 0, 0);
    this.context.drawImage(this.spare, 0, 0);
  }

  private drawSquares(screen: Screen, size: number): void {
    const { context } = this;
    for (const grade of [2, 1, 0]) {
      context.fillStyle = COLOURS[grade]!;
      for (let i = 0; i < this.x.length; i++) {
        if (this.grades[i] !== grade) continue;
        const px = (this.x[i]! - screen.left) / screen.resolution - size / 2;
        const py = (screen.top - this.y[i]!) / screen.resolution - size / 2;
        if (px < -size || py < -size || px > screen.width || py > screen.height) continue;
        context.fillRect(px, py, size - 0.5, size - 0.5);
      }
    }
  }

  /** Beside the border, outside the country: what each piece sees; further out, what has changed. */
  private drawRibbon(screen: Screen): void {
    let start = 0;
    this.scene.lines.forEach((line, number) => {
      const away = -this.sides[number]!;
      for (const casing of [true, false]) {
        this.follow(screen, line.first, line.count, start, this.shares, (share, path) => {
          if (Number.isNaN(share)) return;
          const [width, colour] = casing ? [RIBBON_PX + 3, "rgba(6, 9, 11, 0.8)"] : [RIBBON_PX, shareColour(share)];
          this.stroke(path, away * RIBBON_OFFSET_PX, width, colour);
        });
      }
      if (this.change) {
        this.follow(screen, line.first, line.count, start, this.change, (change, path) => {
          if (!(Math.abs(change) > 0.004)) return;
          const width = 4 + 12 * Math.min(1, Math.abs(change));
          const offset = RIBBON_OFFSET_PX + RIBBON_PX + 3 + width / 2;
          this.stroke(path, away * offset, width, change > 0 ? GAIN : LOSS);
        });
      }
      start += line.count + 1;
    });
  }

  /** Walk a line in steps of some pixels, with the mean value of each. */
  private follow(
    screen: Screen, first: number, count: number, start: number, values: Float32Array,
    take: (value: number, path: [number, number, number, number]) => void,
  ): void {
    const px = (i: number) => (this.vertexX[start + i]! - screen.left) / screen.resolution;
    const py = (i: number) => (screen.top - this.vertexY[start + i]!) / screen.resolution;
    let [x, y, sum, known] = [px(0), py(0), 0, 0];
    for (let i = 1; i <= count; i++) {
      const value = values[first + i - 1]!;
      if (!Number.isNaN(value)) {
        sum += value;
        known++;
      }
      const [nextX, nextY] = [px(i), py(i)];
      if (Math.hypot(nextX - x, nextY - y) < RIBBON_STEP_PX && i < count) continue;
      const beyond = Math.max(x, nextX) < -40 || Math.min(x, nextX) > screen.width + 40 ||
        Math.max(y, nextY) < -40 || Math.min(y, nextY) > screen.height + 40;
      if (!beyond) take(known ? sum / known : NaN, [x, y, nextX, nextY]);
      [x, y, sum, known] = [nextX, nextY, 0, 0];
    }
  }

  private stroke([x0, y0, x1, y1]: [number, number, number, number], offset: number, width: number, colour: string): void {
    const { context } = this;
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [nx, ny] = [(-(y1 - y0) / length) * offset, ((x1 - x0) / length) * offset];
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(x0 + nx, y0 + ny);
    context.lineTo(x1 + nx, y1 + ny);
    context.stroke();
  }

  /** On which side of each line (on the screen) its cells lie: 1 or −1. */
  private insides(): number[] {
    const votes = this.scene.lines.map(() => 0);
    const every = Math.max(1, Math.floor(this.x.length / 400));
    for (let i = 0; i < this.x.length; i += every) {
      let [best, line, side, start] = [Infinity, 0, 1, 0];
      this.scene.lines.forEach((one, number) => {
        for (let v = start; v < start + one.count; v += 4) {
          const distance = Math.hypot(this.vertexX[v]! - this.x[i]!, this.vertexY[v]! - this.y[i]!);
          if (distance >= best) continue;
          const next = Math.min(v + 4, start + one.count);
          const [ax, ay] = [this.vertexX[next]! - this.vertexX[v]!, this.vertexY[next]! - this.vertexY[v]!];
          const [bx, by] = [this.x[i]! - this.vertexX[v]!, this.y[i]! - this.vertexY[v]!];
          [best, line, side] = [distance, number, ax * by - ay * bx < 0 ? 1 : -1];
        }
        start += one.count + 1;
      });
      votes[line]! += side;
    }
    return votes.map((vote) => (vote >= 0 ? 1 : -1));
  }
}

function fit(canvas: HTMLCanvasElement, screen: Screen, ratio: number): void {
  const [width, height] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${screen.width}px`;
  canvas.style.height = `${screen.height}px`;
}
