// All tracks of the picture, one column for each property and one slot for each track, so that
// ten thousand of them move without making garbage.

import { StreamError } from "../stream/array";
import type { Columns } from "../stream/messages";
import { FOREIGN, isTheirs } from "../words/names";
import { mercatorX, mercatorY, stretch } from "./mercator";
import { TRAIL_SECONDS, Trails } from "./trails";

const FIRST_CAPACITY = 1024;
const BLEND_S = 0.25;
const SHORTEST_RECKONING_S = 3;
const LONGEST_RECKONING_S = 15;
const DEGREE = Math.PI / 180;

type Numbers = Float64Array<ArrayBuffer>;

const NUMBERS = [
  "key", "id", "feed", "lat", "lon", "height", "ground", "speed", "climb", "course", "sigma",
  "status", "target", "existence", "age", "seen", "hits", "mode_s", "mode_3a",
  "hidden", "trackers",
] as const;
type NumberName = (typeof NUMBERS)[number];

const MOTION = ["x", "y", "vx", "vy", "slipX", "slipY", "at", "interval"] as const;
type MotionName = (typeof MOTION)[number];

/** What a missing column means; see docs/stream.md. */
const MISSING: Partial<Record<NumberName, number>> = {
  height: NaN, ground: NaN, climb: NaN, sigma: NaN, existence: NaN, status: 1, mode_3a: -1,
};

export class TrackStore {
  readonly column = {} as Record<NumberName, Numbers>;
  readonly motion = {} as Record<MotionName, Numbers>;
  readonly callsign: string[] = [];
  trails = new Trails(0, 0);
  /** Slots below this may be in use; `alive` says which are. */
  high = 0;
  size = 0;
  alive = new Uint8Array(0);
  private readonly slots = new Map<number, number>();
  private free: number[] = [];

  constructor() {
    this.grow(FIRST_CAPACITY);
  }

  clear(): void {
    this.alive.fill(0);
    this.slots.clear();
    this.free = [];
    this.high = 0;
    this.size = 0;
    const capacity = this.alive.length;
    this.trails = new Trails(0, 0);
    this.trails.reserve(capacity);
  }

  slotOf(key: number): number | undefined {
    return this.slots.get(key);
  }

  /** Find a track by the tracker's own number. */
  slotOfTrack(id: number, feed: number): number | undefined {
    for (let slot = 0; slot < this.high; slot++) {
      if (!this.alive[slot] || this.column.id[slot] !== id) continue;
      if (feed < 0 || this.column.feed[slot] === feed) return slot;
    }
    return undefined;
  }

  /** Take the tracks of a frame at picture time `t` [s]; a keyframe names all that exist. */
  update(columns: Columns, t: number, keyframe: boolean): void {
    const keys = columns["key"];
    const count = keys?.length ?? 0;
    const kept = keyframe ? new Set<number>() : null;
    for (let row = 0; row < count; row++) {
      const key = Number(keys![row]);
      kept?.add(key);
      this.updateRow(columns, row, key, t);
    }
    if (!kept) return;
    for (const key of [...this.slots.keys()]) if (!kept.has(key)) this.remove(key);
  }

  /** Take where the tracks were before this page looked: columns key, lat, lon, age, in any order. */
  remember(tails: Columns, t: number): void {
    const { key, lat, lon, age } = tails;
    const rows = Array.from({ length: key?.length ?? 0 }, (_, row) => row);
    rows.sort((a, b) => Number(age![b]) - Number(age![a]));
    for (const slot of this.slots.values()) this.trails.clear(slot);
    for (const row of rows) {
      const slot = this.slots.get(Number(key![row]));
      if (slot === undefined || Number(age![row]) > TRAIL_SECONDS) continue;
      this.trails.push(slot, mercatorX(Number(lon![row])), mercatorY(Number(lat![row])), t - Number(age![row]), NaN, NaN);
    }
    for (const slot of this.slots.values()) this.keepPoint(slot, this.motion.at[slot]!);
  }

  remove(key: number): void {
    const slot = this.slots.get(key);
    if (slot === undefined) return;
    this.slots.delete(key);
    this.alive[slot] = 0;
    this.free.push(slot);
    this.size -= 1;
  }

  /** Tell whether its tracker knows that no sensor can see it now; tentative tracks stay tentative. */
  isHidden(slot: number): boolean {
    const { feed, status, hidden } = this.column;
    return feed[slot] !== FOREIGN && status[slot]! > 0 && hidden[slot] === 1;
  }

  /** Tell whether it is another tracker's alone. */
  isTheirs(slot: number): boolean {
    return isTheirs(this.column.feed[slot]!, this.column.trackers[slot]!);
  }

  /** Seconds for which this track may be carried on by its speed and course. */
  reckoningLimit(slot: number): number {
    const usual = 1.6 * this.motion.interval[slot]!;
    return Math.min(Math.max(usual, SHORTEST_RECKONING_S), LONGEST_RECKONING_S);
  }

  /** Tell whether nothing new came for longer than we may carry the track on. */
  stale(slot: number, t: number): boolean {
    return t - this.motion.at[slot]! > this.reckoningLimit(slot);
  }

  /** Map x of a track at picture time `t`: dead reckoning, and a short glide after each update. */
  x(slot: number, t: number): number {
    const m = this.motion;
    const since = t - m.at[slot]!;
    const run = Math.min(since, this.reckoningLimit(slot));
    return m.x[slot]! + m.vx[slot]! * run + (since < BLEND_S ? m.slipX[slot]! * (1 - since / BLEND_S) : 0);
  }

  /** Map y of a track at picture time `t`; as `x`. */
  y(slot: number, t: number): number {
    const m = this.motion;
    const since = t - m.at[slot]!;
    const run = Math.min(since, this.reckoningLimit(slot));
    return m.y[slot]! + m.vy[slot]! * run + (since < BLEND_S ? m.slipY[slot]! * (1 - since / BLEND_S) : 0);
  }

  private updateRow(columns: Columns, row: number, key: number, t: number): void {
    const known = this.slots.get(key);
    const slot = known ?? this.add(key);
    const beforeX = known === undefined ? NaN : this.x(slot, t);
    const beforeY = known === undefined ? NaN : this.y(slot, t);
    for (const name of NUMBERS) {
      const source = columns[name];
      this.column[name][slot] = source ? Number(source[row]) : (MISSING[name] ?? 0);
    }
    this.callsign[slot] = String(columns["callsign"]?.[row] ?? "");
    this.move(slot, t, Number(columns["past"]?.[row] ?? 0), beforeX, beforeY, known === undefined);
  }

  private move(slot: number, t: number, past: number, beforeX: number, beforeY: number, born: boolean): void {
    const { lat, lon, speed, course } = this.column;
    const m = this.motion;
    const latitude = lat[slot]!;
    const x = mercatorX(lon[slot]!);
    const y = mercatorY(latitude);
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw new StreamError("a track without a place");
    const pace = (Number.isFinite(speed[slot]!) ? speed[slot]! : 0) * stretch(latitude);
    const heading = (Number.isFinite(course[slot]!) ? course[slot]! : 0) * DEGREE;
    const gap = t - m.at[slot]!;
    if (!born && gap > 0.01) m.interval[slot] = 0.7 * m.interval[slot]! + 0.3 * Math.min(gap, 30);
    m.vx[slot] = pace * Math.sin(heading);
    m.vy[slot] = pace * Math.cos(heading);
    // A coasting track may be old: carry it no further than a fresh one.
    const carried = Math.min(Math.max(past, 0), LONGEST_RECKONING_S);
    m.x[slot] = x + m.vx[slot]! * carried;
    m.y[slot] = y + m.vy[slot]! * carried;
    m.at[slot] = t;
    m.slipX[slot] = born ? 0 : beforeX - m.x[slot]!;
    m.slipY[slot] = born ? 0 : beforeY - m.y[slot]!;
    if (this.trails.originX === 0) {
      this.trails = new Trails(x, y);
      this.trails.reserve(this.alive.length);
    }
    this.keepPoint(slot, t);
  }

  private keepPoint(slot: number, t: number): void {
    const { height, speed } = this.column;
    this.trails.push(slot, this.motion.x[slot]!, this.motion.y[slot]!, t, height[slot]!, speed[slot]!);
  }

  private add(key: number): number {
    const slot = this.free.pop() ?? this.high++;
    if (slot >= this.alive.length) this.grow(this.alive.length * 2);
    this.slots.set(key, slot);
    this.alive[slot] = 1;
    this.motion.interval[slot] = 4;
    this.trails.clear(slot);
    this.size += 1;
    return slot;
  }

  private grow(capacity: number): void {
    for (const name of NUMBERS) this.column[name] = grown(this.column[name], capacity);
    for (const name of MOTION) this.motion[name] = grown(this.motion[name], capacity);
    const alive = new Uint8Array(capacity);
    alive.set(this.alive);
    this.alive = alive;
    this.trails.reserve(capacity);
  }
}

function grown(old: Numbers | undefined, capacity: number): Numbers {
  const bigger = new Float64Array(capacity);
  if (old) bigger.set(old);
  return bigger;
}
