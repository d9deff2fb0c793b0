// Where each track has been: a ring of points for each slot, bounded in number and in age.

export const TRAIL_POINTS = 64;
export const TRAIL_SECONDS = 300;
const SPACING_S = TRAIL_SECONDS / TRAIL_POINTS;
const FIELDS = 5;

/** x, y [map metres from the origin], time [s], height [m], speed [m/s]. */
export class Trails {
  private points = new Float32Array(0);
  private heads = new Uint16Array(0);
  private counts = new Uint16Array(0);

  constructor(
    readonly originX: number,
    readonly originY: number,
  ) {}

  reserve(slots: number): void {
    if (slots <= this.heads.length) return;
    const points = new Float32Array(slots * TRAIL_POINTS * FIELDS);
    points.set(this.points);
    this.points = points;
    this.heads = grown(this.heads, slots);
    this.counts = grown(this.counts, slots);
  }

  clear(slot: number): void {
    this.counts[slot] = 0;
    this.heads[slot] = 0;
  }

  /** Keep a point, unless the one before it is too fresh. */
  push(slot: number, x: number, y: number, t: number, height: number, speed: number): void {
    const count = this.counts[slot]!;
    if (count > 0 && t - this.points[this.index(slot, count - 1) + 2]! < SPACING_S) return;
    const head = this.heads[slot]!;
    const at = (slot * TRAIL_POINTS + head) * FIELDS;
    this.points[at] = x - this.originX;
    this.points[at + 1] = y - this.originY;
    this.points[at + 2] = t;
    this.points[at + 3] = height;
    this.points[at + 4] = speed;
    this.heads[slot] = (head + 1) % TRAIL_POINTS;
    if (count < TRAIL_POINTS) this.counts[slot] = count + 1;
  }

  count(slot: number): number {
    return this.counts[slot]!;
  }

  /** Offset of the i-th oldest point in `values()`. */
  index(slot: number, i: number): number {
    const count = this.counts[slot]!;
    const first = (this.heads[slot]! - count + TRAIL_POINTS) % TRAIL_POINTS;
    return (slot * TRAIL_POINTS + ((first + i) % TRAIL_POINTS)) * FIELDS;
  }

  values(): Float32Array {
    return this.points;
  }
}

function grown(old: Uint16Array<ArrayBuffer>, size: number): Uint16Array<ArrayBuffer> {
  const bigger = new Uint16Array(size);
  bigger.set(old);
  return bigger;
}
