// The moving part of the map: tracks on a canvas of their own, drawn anew in every frame.

import type OlMap from "ol/Map";
import type { FrameState } from "ol/Map";
import type { Operator } from "../operator";
import type { Plots } from "../picture/plots";
import type { TrackStore } from "../picture/tracks";
import { kmh, metres } from "../words/format";
import { BIRD, isAir, targetCode, trackName } from "../words/names";
import { type Screen, screenOf } from "./frame";
import { Room } from "./labels";
import { palette } from "./palette";
import { LOOKS, SIZES, type Size, Sprites } from "./sprites";
import { Tails } from "./tails";

const VECTOR_S = 60;
const LABELS_EVERY_MS = 300;
const MOST_LABELS = 60;
const LABEL_HEIGHT = 26;
const FOREIGN = LOOKS.indexOf("foreign");
const HIDDEN = LOOKS.indexOf("hidden");
const FONT = "500 11px system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const EDGE = 24;

interface Label {
  slot: number;
  lines: [string, string];
  width: number;
  /** From the symbol's middle to the label's left edge [px]. */
  shift: number;
}

export class Overlay {
  readonly canvas = document.createElement("canvas");
  /** Ring colour of tracks with a waiting alert, by slot. */
  alerted = new Map<number, string>();
  readonly context = this.canvas.getContext("2d", { desynchronized: false })!;
  private readonly tails: Tails;
  private sprites: Sprites;
  private ratio: number;
  private state: FrameState | null = null;
  private labels: Label[] = [];
  private labelledAt = -LABELS_EVERY_MS;
  // Visible slots of the frame being drawn and their places on the screen; grown, never made anew.
  private seen = new Int32Array(1024);
  private px = new Float32Array(1024);
  private py = new Float32Array(1024);
  private count = 0;

  constructor(
    map: OlMap,
    private readonly tracks: TrackStore,
    plots: Plots,
    private readonly operator: Operator,
  ) {
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.sprites = new Sprites(this.ratio);
    this.tails = new Tails(tracks, plots);
    this.canvas.className = "overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    map.getViewport()!.append(this.canvas);
    map.on("postrender", (event) => {
      if (event.frameState) this.state = event.frameState;
    });
  }

  /** Map metres and pixels of the frame that is on the screen; null before the first. */
  screen(): Screen | null {
    return this.state && screenOf(this.state);
  }

  /** Draw the picture at time `t` [s]. */
  draw(t: number): void {
    const screen = this.screen();
    if (!screen) return;
    this.fit(screen);
    const context = this.context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.tails.draw(context, screen, this.ratio, t, this.operator.layers);
    this.gather(screen, t);
    const size = this.sizeFor(screen);
    if (size && this.operator.layers.vectors) this.drawVectors(screen, t);
    if (size) this.drawSymbols(size, t);
    else this.drawPoints(t);
    this.drawMarks(screen, t, size);
    if (this.operator.layers.labels) this.drawLabels(screen, size, t);
  }

  /** Track nearest to a pixel, within reach of a finger or a pointer. */
  pick(x: number, y: number, reach: number): number | null {
    let best: number | null = null;
    let nearest = reach * reach;
    for (let i = 0; i < this.count; i++) {
      const square = (this.px[i]! - x) ** 2 + (this.py[i]! - y) ** 2;
      if (square >= nearest) continue;
      nearest = square;
      best = this.tracks.column.key[this.seen[i]!]!;
    }
    return best;
  }

  private fit(screen: Screen): void {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    if (ratio !== this.ratio) {
      this.ratio = ratio;
      this.sprites = new Sprites(ratio);
    }
    const width = Math.round(screen.width * ratio);
    const height = Math.round(screen.height * ratio);
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.width = `${screen.width}px`;
    this.canvas.style.height = `${screen.height}px`;
  }

  private gather(screen: Screen, t: number): void {
    const { tracks } = this;
    if (this.seen.length < tracks.high) {
      this.seen = new Int32Array(tracks.high * 2);
      this.px = new Float32Array(tracks.high * 2);
      this.py = new Float32Array(tracks.high * 2);
    }
    const perPixel = 1 / screen.resolution;
    let count = 0;
    for (let slot = 0; slot < tracks.high; slot++) {
      if (!tracks.alive[slot]) continue;
      const x = (tracks.x(slot, t) - screen.left) * perPixel;
      if (x < -EDGE || x > screen.width + EDGE) continue;
      const y = (screen.top - tracks.y(slot, t)) * perPixel;
      if (y < -EDGE || y > screen.height + EDGE) continue;
      this.seen[count] = slot;
      this.px[count] = x;
      this.py[count] = y;
      count++;
    }
    this.count = count;
  }

  /** How large symbols may be without becoming a carpet; null for points. */
  private sizeFor(screen: Screen): Size | null {
    if (this.operator.symbols === "points") return null;
    const area = screen.width * screen.height;
    if (this.count * SIZES.full ** 2 < area * 0.28) return "full";
    if (this.operator.symbols === "symbols" || this.count * SIZES.small ** 2 < area * 0.3) return "small";
    return null;
  }

  private drawVectors(screen: Screen, t: number): void {
    const { context, tracks } = this;
    const lines = new Path2D();
    const { vx, vy } = tracks.motion;
    const scale = VECTOR_S / screen.resolution;
    for (let i = 0; i < this.count; i++) {
      const slot = this.seen[i]!;
      const [dx, dy] = [vx[slot]! * scale, vy[slot]! * scale];
      if (dx * dx + dy * dy < 64 || tracks.stale(slot, t)) continue;
      lines.moveTo(this.px[i]!, this.py[i]!);
      lines.lineTo(this.px[i]! + dx, this.py[i]! - dy);
    }
    context.lineWidth = 1;
    context.strokeStyle = palette.vector;
    context.stroke(lines);
  }

  private look(slot: number): number {
    if (this.tracks.isHidden(slot)) return HIDDEN;
    return this.tracks.isTheirs(slot) ? FOREIGN : Math.min(this.tracks.column.status[slot]!, 2);
  }

  private drawSymbols(size: Size, t: number): void {
    const { context, tracks, sprites } = this;
    const target = tracks.column.target;
    for (let i = 0; i < this.count; i++) {
      const slot = this.seen[i]!;
      const stale = tracks.stale(slot, t);
      if (stale) context.globalAlpha = 0.45;
      sprites.stamp(context, size, this.look(slot), target[slot]!, this.px[i]!, this.py[i]!);
      if (stale) context.globalAlpha = 1;
    }
  }

  private drawPoints(t: number): void {
    const { context, tracks } = this;
    const colours = [palette.ownDim, palette.own, palette.ownDim, palette.foreign, palette.ownDim];
    for (let look = 0; look < LOOKS.length; look++) {
      context.fillStyle = colours[look]!;
      for (let i = 0; i < this.count; i++) {
        const slot = this.seen[i]!;
        if (this.look(slot) !== look) continue;
        const side = isAir(tracks.column.target[slot]!) ? 3 : 4;
        const shown = tracks.stale(slot, t) ? 2 : side;
        context.fillRect((this.px[i]! | 0) - 1, (this.py[i]! | 0) - 1, shown, shown);
      }
    }
  }

  /** Rings of alerts, brackets and uncertainty of the selected track. */
  private drawMarks(screen: Screen, t: number, size: Size | null): void {
    const { context, tracks } = this;
    const reach = size ? SIZES[size] / 2 + 2 : 8;
    context.lineWidth = 2;
    for (const [slot, colour] of this.alerted) {
      if (!tracks.alive[slot]) continue;
      const [x, y] = this.place(slot, screen, t);
      context.strokeStyle = colour;
      context.beginPath();
      context.arc(x, y, reach + 2, 0, 2 * Math.PI);
      context.stroke();
    }
    const selected = this.operator.selected === null ? undefined : tracks.slotOf(this.operator.selected);
    if (selected === undefined) return;
    const [x, y] = this.place(selected, screen, t);
    const radius = (tracks.column.sigma[selected]! * 2) / screen.resolution;
    if (Number.isFinite(radius) && radius > 4) {
      context.fillStyle = "rgba(255, 255, 255, 0.06)";
      context.strokeStyle = "rgba(255, 255, 255, 0.5)";
      context.lineWidth = 1;
      context.beginPath();
      context.arc(x, y, Math.min(radius, 4000), 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
    if (size !== "full") this.sprites.stamp(context, "full", this.look(selected), tracks.column.target[selected]!, x, y);
    this.drawBrackets(x, y, SIZES.full / 2 + 1);
  }

  private drawBrackets(x: number, y: number, r: number): void {
    const { context } = this;
    context.strokeStyle = palette.selected;
    context.lineWidth = 2;
    context.beginPath();
    for (const [sx, sy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const) {
      context.moveTo(x + sx * r, y + sy * (r - 7));
      context.lineTo(x + sx * r, y + sy * r);
      context.lineTo(x + sx * (r - 7), y + sy * r);
    }
    context.stroke();
  }

  private place(slot: number, screen: Screen, t: number): [number, number] {
    return [
      (this.tracks.x(slot, t) - screen.left) / screen.resolution,
      (screen.top - this.tracks.y(slot, t)) / screen.resolution,
    ];
  }

  private drawLabels(screen: Screen, size: Size | null, t: number): void {
    const { context } = this;
    context.font = FONT;
    context.textBaseline = "alphabetic";
    const now = performance.now();
    if (now - this.labelledAt > LABELS_EVERY_MS) {
      this.labelledAt = now;
      this.chooseLabels(screen, size);
    }
    for (const { slot, lines, width, shift } of this.labels) {
      if (!this.tracks.alive[slot]) continue;
      const [px, py] = this.place(slot, screen, t);
      const x = Math.round(px + shift);
      const y = Math.round(py - LABEL_HEIGHT / 2);
      context.fillStyle = palette.labelGround;
      context.fillRect(x, y, width, LABEL_HEIGHT);
      context.fillStyle = this.tracks.isTheirs(slot) ? palette.foreign : palette.label;
      context.fillText(lines[0], x + 4, y + 11);
      context.globalAlpha = 0.8;
      context.fillText(lines[1], x + 4, y + 23);
      context.globalAlpha = 1;
    }
  }

  private chooseLabels(screen: Screen, size: Size | null): void {
    const room = new Room(screen.width, screen.height);
    const reach = size ? SIZES[size] / 2 - 5 : 2;
    for (let i = 0; i < Math.min(this.count, 1500); i++) {
      room.block(this.px[i]! - reach, this.py[i]! - reach, 2 * reach, 2 * reach);
    }
    const order = Array.from(this.seen.subarray(0, this.count), (slot, i) => ({ slot, i, rank: this.rank(slot) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => b.rank - a.rank || a.slot - b.slot);
    const offset = size ? SIZES[size] / 2 + 3 : 9;
    this.labels = [];
    for (const { slot, i, rank } of order) {
      if (this.labels.length >= MOST_LABELS) break;
      const [x, y] = [this.px[i]!, this.py[i]! - LABEL_HEIGHT / 2];
      const lines = this.words(slot);
      const width = Math.max(...lines.map((line) => this.context.measureText(line).width)) + 8;
      const sides = [offset, -offset - width];
      const shift = sides.find((side) => room.take(x + side, y, width, LABEL_HEIGHT));
      if (shift === undefined && rank < 100) continue;
      this.labels.push({ slot, lines, width, shift: shift ?? offset });
    }
  }

  private rank(slot: number): number {
    const { key, status, target } = this.tracks.column;
    if (key[slot] === this.operator.selected) return 100;
    if (this.alerted.has(slot)) return 50;
    if (target[slot] === BIRD || status[slot] === 0) return 0;
    return (status[slot] === 1 ? 4 : 2) + (this.tracks.isTheirs(slot) ? 0 : 1) + (target[slot] === 0 ? 0 : 2);
  }

  private words(slot: number): [string, string] {
    const { id, feed, target, speed, height, ground } = this.tracks.column;
    const name = this.tracks.callsign[slot] || trackName(id[slot]!, feed[slot]!);
    const agl = height[slot]! - ground[slot]!;
    const second = isAir(target[slot]!)
      ? `${kmh(speed[slot]!)} km/h ${metres(Number.isFinite(agl) ? agl : height[slot]!)} m`
      : `${kmh(speed[slot]!)} km/h`;
    return [`${name} ${targetCode(target[slot]!)}`, second];
  }
}
