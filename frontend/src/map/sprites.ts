// Track symbols, drawn once each into an atlas and stamped from there in every frame.

import { frames, icons } from "virtual:symbols";
import { BIRD, TARGETS, isAir } from "../words/names";
import { palette } from "./palette";

export type Look = "tentative" | "confirmed" | "coasting" | "foreign" | "hidden";
export const LOOKS: readonly Look[] = ["tentative", "confirmed", "coasting", "foreign", "hidden"];
/** Side of a sprite's cell in CSS pixels, for each size of symbol. */
export const SIZES = { full: 34, small: 20 } as const;
export type Size = keyof typeof SIZES;

// Plain figures for what the standard has no neutral icon for, in the symbol's 200-unit octagon.
const FIGURES: Record<string, { d: string; fill: boolean }[]> = {
  walker: [
    { d: "M 100 62 m -10 0 a 10 10 0 1 0 20 0 a 10 10 0 1 0 -20 0", fill: true },
    { d: "M 100 76 V 108 L 86 140 M 100 108 L 116 140 M 82 98 L 100 82 L 118 98", fill: false },
  ],
  rider: [
    { d: "M 96 58 m -9 0 a 9 9 0 1 0 18 0 a 9 9 0 1 0 -18 0", fill: true },
    { d: "M 96 70 V 96 M 66 102 H 122 L 138 80 M 72 102 L 66 138 M 116 102 L 122 138", fill: false },
  ],
  vehicle: [
    { d: "M 62 112 V 92 H 82 L 94 74 H 124 L 138 92 V 112 Z", fill: true },
    { d: "M 80 118 m -10 0 a 10 10 0 1 0 20 0 a 10 10 0 1 0 -20 0 M 120 118 m -10 0 a 10 10 0 1 0 20 0 a 10 10 0 1 0 -20 0", fill: true },
  ],
  bird: [{ d: "M 62 92 Q 82 78 100 100 Q 118 78 138 92", fill: false }],
};

export class Sprites {
  readonly atlas: HTMLCanvasElement;
  private readonly offsets: Record<Size, number>;

  constructor(readonly ratio: number) {
    this.offsets = { full: 0, small: SIZES.full * LOOKS.length * ratio };
    this.atlas = document.createElement("canvas");
    this.atlas.width = Math.ceil(SIZES.full * TARGETS.length * ratio);
    this.atlas.height = Math.ceil((SIZES.full + SIZES.small) * LOOKS.length * ratio);
    const context = this.atlas.getContext("2d")!;
    for (const size of ["full", "small"] as const) {
      for (let look = 0; look < LOOKS.length; look++) {
        for (let target = 0; target < TARGETS.length; target++) {
          this.paint(context, size, look, target);
        }
      }
    }
  }

  /** Stamp a symbol centred at x, y (CSS pixels; the context is scaled by the pixel ratio). */
  stamp(context: CanvasRenderingContext2D, size: Size, look: number, target: number, x: number, y: number): void {
    const side = SIZES[size];
    const cell = side * this.ratio;
    const known = target < TARGETS.length ? target : 0;
    // Whole pixels: a stamp that needs no resampling costs a third.
    const left = Math.round((x - side / 2) * this.ratio) / this.ratio;
    const top = Math.round((y - side / 2) * this.ratio) / this.ratio;
    context.drawImage(this.atlas, known * cell, this.offsets[size] + look * cell, cell, cell, left, top, side, side);
  }

  private paint(context: CanvasRenderingContext2D, size: Size, look: number, target: number): void {
    const side = SIZES[size];
    context.save();
    context.scale(this.ratio, this.ratio);
    context.translate(side * target, this.offsets[size] / this.ratio + look * side);
    paintSymbol(context, LOOKS[look] as Look, target, side);
    context.restore();
  }
}

/** Draw one symbol into a square of `side` pixels at the context's origin. */
export function paintSymbol(context: CanvasRenderingContext2D, look: Look, target: number, side: number): void {
  const small = side <= SIZES.small;
  const scale = side / 168;
  context.scale(scale, scale);
  context.translate(84 - 100, 84 - 100);
  context.lineJoin = "round";
  context.lineCap = "round";
  const width = (small ? 1.6 : 1.5) / scale;
  if (target !== BIRD) paintFrame(context, look, target, width);
  const name = TARGETS[target] ?? "unknown";
  const hollow = look !== "confirmed" || target === BIRD;
  const colour = look === "foreign" ? palette.foreign : hollow ? palette.own : palette.icon;
  for (const { d, fill } of icons[name] ?? FIGURES[name] ?? []) {
    const path = new Path2D(d);
    context.fillStyle = context.strokeStyle = colour;
    context.lineWidth = target === BIRD ? width * 1.4 : small ? 11 : 8;
    if (fill) context.fill(path);
    else context.stroke(path);
  }
}

function paintFrame(context: CanvasRenderingContext2D, look: Look, target: number, width: number): void {
  const frame = new Path2D(isAir(target) ? frames.air : frames.ground);
  const fills: Record<Look, string> = {
    tentative: "rgba(40, 36, 14, 0.55)",
    confirmed: palette.ownFill,
    coasting: "rgba(30, 27, 12, 0.35)",
    foreign: palette.foreignFill,
    hidden: "rgba(30, 27, 12, 0.35)",
  };
  context.fillStyle = fills[look];
  context.fill(frame);
  if (look === "hidden") paintHatch(context, frame, width);
  context.strokeStyle = palette.ink;
  context.lineWidth = width * 2.4;
  context.stroke(frame);
  context.strokeStyle = look === "foreign" ? palette.foreign : look === "confirmed" ? "#fff3b0" : palette.own;
  context.lineWidth = width;
  // Dashes say "not seen by enough looks": pending when tentative, anticipated when coasting.
  if (look === "tentative") context.setLineDash([width * 1.2, width * 2.6]);
  if (look === "coasting") context.setLineDash([width * 4, width * 2.6]);
  if (look === "hidden") context.setLineDash([width * 4, width * 2.6, width * 0.4, width * 2.6]);
  context.stroke(frame);
  context.setLineDash([]);
}

/** Slanted lines over the frame: something stands between it and every sensor. */
function paintHatch(context: CanvasRenderingContext2D, frame: Path2D, width: number): void {
  context.save();
  context.clip(frame);
  context.strokeStyle = palette.ownDim;
  context.lineWidth = width * 0.9;
  context.beginPath();
  for (let x = -140; x <= 200; x += 28) {
    context.moveTo(x, 200);
    context.lineTo(x + 200, 0);
  }
  context.stroke();
  context.restore();
}
