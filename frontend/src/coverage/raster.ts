// One coverage as it came from the node: what its codes mean, and what they add up to.

import { latDeg, lonDeg } from "../picture/mercator";
import { decodeMap } from "../stream/messages";
import { StreamError } from "../stream/array";
import { codeLimit } from "./heights";
import { CODES } from "./ramp";

export const UNKNOWN = 65535;
export const OUTSIDE = 65534;
const DEGREE = Math.PI / 180;
const MEAN_RADIUS_M = 6371008.8;
const RADIUS_M = 6378137;

export interface Coverage {
  sensor: string;
  name: string;
  lat: number;
  lon: number;
  ground: number;
  mast: number;
  antenna: number;
  min_range: number;
  max_range: number;
  k: number;
  k_label: string;
  cell: number;
  terrain: { label: string; synthetic: boolean; datum: string; notes: string[] };
  warnings: string[];
  /** West, south, east, north on the map [m]. */
  bounds: [number, number, number, number];
  steps_per_e: number;
  /** Cells on a side; row 0 in the north. */
  side: number;
  codes: Uint16Array;
  seconds: number;
}

/** Read `coverage/1` of docs/stream.md; throw `StreamError` when it is none. */
export function readCoverage(bytes: Uint8Array): Coverage {
  const message = decodeMap(bytes);
  const codes = message["min_height"];
  if (message["_"] !== "coverage/1" || !(codes instanceof Uint16Array)) {
    throw new StreamError("the node's answer is not a coverage that this page can read; reload it");
  }
  const side = Math.sqrt(codes.length);
  if (!Number.isInteger(side) || side === 0) throw new StreamError(`${codes.length} cells are no square`);
  return { ...(message as unknown as Coverage), codes, side };
}

export interface Seen {
  /** Area where a target is seen, whole area in range [m²]. */
  area: number;
  whole: number;
  /** Range of the farthest seen cell [m]; 0 when none is. */
  farthest: number;
}

/** Sums over the cells, made once, so that the slider only looks up. */
export class Sums {
  private readonly area = new Float64Array(CODES);
  private readonly far = new Float64Array(CODES);
  private whole = 0;
  /** Share of the range that nobody knows. */
  readonly unknown: number;

  constructor(private readonly coverage: Coverage) {
    this.unknown = this.add() / this.whole || 0;
    for (let code = 1; code < CODES; code++) {
      this.area[code]! += this.area[code - 1]!;
      this.far[code] = Math.max(this.far[code]!, this.far[code - 1]!);
    }
  }

  /** What is seen of targets at `height` [m] above ground. */
  seen(height: number): Seen {
    const code = Math.min(CODES - 1, codeLimit(height, this.coverage.steps_per_e));
    return { area: this.area[code]!, whole: this.whole, farthest: farthestOf(this.far[code]!) };
  }

  /** Go through all cells; gives the unknown area. */
  private add(): number {
    let unknown = 0;
    const { codes } = this.coverage;
    forEachCell(this.coverage, (at, cell, half) => {
      const code = codes[at]!;
      if (code === OUTSIDE) return;
      this.whole += cell;
      if (code === UNKNOWN) {
        unknown += cell;
      } else if (code < CODES) {
        this.area[code]! += cell;
        if (half > this.far[code]!) this.far[code] = half;
      }
    });
    return unknown;
  }
}

/** Give each cell's index, area on the ground [m²], and haversine of its distance from the site. */
export function forEachCell(coverage: Coverage, take: (at: number, area: number, half: number) => void): void {
  const { bounds, side, lat, lon } = coverage;
  const step = (bounds[2] - bounds[0]) / side;
  // Haversines of the differences in longitude; those in latitude follow row by row.
  const across = Float64Array.from({ length: side }, (_, col) => {
    return Math.sin(((lonDeg(bounds[0] + (col + 0.5) * step) - lon) * DEGREE) / 2) ** 2;
  });
  for (let row = 0; row < side; row++) {
    const y = bounds[3] - (row + 0.5) * step;
    const cell = (step / Math.cosh(y / RADIUS_M)) ** 2;
    const here = latDeg(y);
    const down = Math.sin(((here - lat) * DEGREE) / 2) ** 2;
    const shrink = Math.cos(here * DEGREE) * Math.cos(lat * DEGREE);
    for (let col = 0, at = row * side; col < side; col++, at++) take(at, cell, down + shrink * across[col]!);
  }
}

/** Distance [m] of a haversine. */
export function farthestOf(half: number): number {
  return 2 * MEAN_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Colour the cells where a target at the limit's height is seen; leave all others clear. */
export function colour(codes: ArrayLike<number>, limit: number, ramp: Uint32Array, out: Uint32Array): void {
  const last = Math.min(limit, ramp.length - 1);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    out[i] = code <= last ? ramp[code]! : 0;
  }
}
