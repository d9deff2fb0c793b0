// Tails and plots change slowly: they are drawn into a picture of their own, a slice of tracks
// in each frame, and that picture is laid under the moving symbols.

import { type Plots, PLOT_SECONDS } from "../picture/plots";
import { TRAIL_SECONDS } from "../picture/trails";
import type { TrackStore } from "../picture/tracks";
import type { Screen } from "./frame";
import { palette } from "./palette";

const REDRAW_S = 0.5;
const SLICE_MS = 3;
const TRACKS_AT_ONCE = 50;
const AGES = 4;
/** A tail's point is skipped when it is nearer than this to the one before [px]. */
const SKIP_PX = 2.5;

interface Sheet {
  canvas: HTMLCanvasElement;
  screen: Screen | null;
}

export class Tails {
  private front: Sheet = sheet();
  private back: Sheet = sheet();
  private next = 0;
  private working = false;
  private finishedAt = -Infinity;

  constructor(
    private readonly tracks: TrackStore,
    private readonly plots: Plots,
  ) {}

  /** Work on the next picture for a few milliseconds, then lay the latest finished one. */
  draw(
    context: CanvasRenderingContext2D,
    screen: Screen,
    ratio: number,
    t: number,
    show: { tails: boolean; plots: boolean },
  ): void {
    const nowS = performance.now() / 1000;
    const moved = !this.front.screen || !same(this.front.screen, screen);
    if (this.working && !same(this.back.screen!, screen)) this.working = false;
    if (!this.working && (moved || nowS - this.finishedAt > REDRAW_S)) this.begin(screen, ratio, t, show);
    if (this.working) this.proceed(ratio, t, show.tails);
    this.lay(context, screen);
  }

  private begin(screen: Screen, ratio: number, t: number, show: { plots: boolean }): void {
    const { canvas } = this.back;
    const width = Math.ceil(screen.width * ratio);
    const height = Math.ceil(screen.height * ratio);
    const context = canvas.getContext("2d")!;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    } else {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, width, height);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.back.screen = { ...screen };
    this.working = true;
    this.next = 0;
    if (show.plots) drawPlots(context, screen, this.plots, t);
  }

  private proceed(ratio: number, t: number, tails: boolean): void {
    const start = performance.now();
    const context = this.back.canvas.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    while (tails && this.next < this.tracks.high && performance.now() - start < SLICE_MS) {
      drawTails(context, this.back.screen!, this.tracks, t, this.next, this.next + TRACKS_AT_ONCE);
      this.next += TRACKS_AT_ONCE;
    }
    if (tails && this.next < this.tracks.high) return;
    [this.front, this.back] = [this.back, this.front];
    this.working = false;
    this.finishedAt = performance.now() / 1000;
  }

  private lay(context: CanvasRenderingContext2D, screen: Screen): void {
    const { canvas, screen: drawn } = this.front;
    if (!drawn || canvas.width === 0) return;
    const scale = drawn.resolution / screen.resolution;
    const x = (drawn.left - screen.left) / screen.resolution;
    const y = (screen.top - drawn.top) / screen.resolution;
    context.drawImage(canvas, x, y, drawn.width * scale, drawn.height * scale);
  }
}

function sheet(): Sheet {
  return { canvas: document.createElement("canvas"), screen: null };
}

function same(a: Screen, b: Screen): boolean {
  return (
    a.left === b.left && a.top === b.top && a.resolution === b.resolution &&
    a.width === b.width && a.height === b.height
  );
}

/** Draw the tails of some slots: one path for each colour and age, for paths are what costs. */
function drawTails(
  context: CanvasRenderingContext2D,
  screen: Screen,
  tracks: TrackStore,
  t: number,
  from: number,
  to: number,
): void {
  const paths = Array.from({ length: 2 * AGES }, () => new Path2D());
  for (let slot = from; slot < Math.min(to, tracks.high); slot++) {
    if (tracks.alive[slot]) addTail(paths, screen, tracks, slot, t);
  }
  // Many tails together would drown the map.
  const calm = Math.max(0.35, Math.min(1, Math.sqrt(300 / tracks.size)));
  context.lineWidth = 1.4;
  context.lineJoin = "bevel";
  for (let i = 0; i < paths.length; i++) {
    context.strokeStyle = i < AGES ? palette.ownTrail : palette.foreignTrail;
    context.globalAlpha = 0.62 * calm * (1 - (i % AGES) / AGES) ** 1.3;
    context.stroke(paths[i]!);
  }
  context.globalAlpha = 1;
}

function addTail(paths: Path2D[], screen: Screen, tracks: TrackStore, slot: number, t: number): void {
  const trails = tracks.trails;
  const values = trails.values();
  const count = trails.count(slot);
  const first = tracks.isTheirs(slot) ? AGES : 0;
  const offsetX = trails.originX - screen.left;
  const offsetY = screen.top - trails.originY;
  const perPixel = 1 / screen.resolution;
  let lastX = NaN;
  let lastY = NaN;
  let lastAge = -1;
  for (let i = 0; i <= count; i++) {
    const at = i < count ? trails.index(slot, i) : -1;
    const age = at < 0 ? 0 : t - values[at + 2]!;
    if (age > TRAIL_SECONDS) continue;
    const x = at < 0 ? (tracks.x(slot, t) - screen.left) * perPixel : (values[at]! + offsetX) * perPixel;
    const y = at < 0 ? (screen.top - tracks.y(slot, t)) * perPixel : (offsetY - values[at + 1]!) * perPixel;
    if (i < count && Math.abs(x - lastX) < SKIP_PX && Math.abs(y - lastY) < SKIP_PX) continue;
    if (lastAge >= 0 && touches(screen, lastX, lastY, x, y)) {
      const path = paths[first + Math.min(AGES - 1, Math.floor((lastAge / TRAIL_SECONDS) * AGES))]!;
      path.moveTo(lastX, lastY);
      path.lineTo(x, y);
    }
    lastX = x;
    lastY = y;
    lastAge = Math.max(age, 0);
  }
}

function touches(screen: Screen, x1: number, y1: number, x2: number, y2: number): boolean {
  return !(
    (x1 < 0 && x2 < 0) || (y1 < 0 && y2 < 0) ||
    (x1 > screen.width && x2 > screen.width) || (y1 > screen.height && y2 > screen.height)
  );
}

/** Primary plots are dots, secondary ones small rings, combined ones both: squares. */
function drawPlots(context: CanvasRenderingContext2D, screen: Screen, plots: Plots, t: number): void {
  for (let i = 0; i < plots.capacity; i++) {
    const age = t - plots.t[i]!;
    if (age > PLOT_SECONDS || age < -5) continue;
    const x = Math.round((plots.x[i]! - screen.left) / screen.resolution);
    const y = Math.round((screen.top - plots.y[i]!) / screen.resolution);
    if (x < 0 || y < 0 || x > screen.width || y > screen.height) continue;
    context.globalAlpha = 0.85 * (1 - Math.max(age, 0) / PLOT_SECONDS);
    const kind = plots.kind[i]!;
    if (kind === 2) {
      context.strokeStyle = palette.plotSecondary;
      context.lineWidth = 1;
      context.strokeRect(x - 1.5, y - 1.5, 3, 3);
    } else {
      context.fillStyle = kind === 3 ? palette.plotSecondary : palette.plot;
      context.fillRect(x - 1, y - 1, 2.5, 2.5);
    }
  }
  context.globalAlpha = 1;
}
