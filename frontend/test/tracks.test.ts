import { describe, expect, it } from "vitest";
import { latDeg, lonDeg, rangeAndBearing } from "../src/picture/mercator";
import { TrackStore } from "../src/picture/tracks";
import { TRAIL_POINTS } from "../src/picture/trails";
import { StreamError } from "../src/stream/array";
import type { Columns } from "../src/stream/messages";

function row(key: number, more: Record<string, number | string> = {}): Columns {
  const values = { key, id: key + 100, feed: 0, lat: 49, lon: 92, speed: 50, course: 90, ...more };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value] as number[]]));
}

function place(store: TrackStore, key: number, t: number): { lat: number; lon: number } {
  const slot = store.slotOf(key)!;
  return { lat: latDeg(store.y(slot, t)), lon: lonDeg(store.x(slot, t)) };
}

describe("the track store", () => {
  it("carries a track on by its speed and course, true to the ground", () => {
    const store = new TrackStore();
    store.update(row(1), 10, true);
    const there = place(store, 1, 12);
    const { range, bearing } = rangeAndBearing(49, 92, there.lat, there.lon);
    expect(range).toBeGreaterThan(99.5);
    expect(range).toBeLessThan(100.5);
    expect(bearing).toBeCloseTo(90, 1);
  });
  it("stops carrying after a few seconds and then calls the track stale", () => {
    const store = new TrackStore();
    store.update(row(1), 0, true);
    const slot = store.slotOf(1)!;
    const limit = store.reckoningLimit(slot);
    expect(limit).toBeLessThanOrEqual(15);
    expect(store.stale(slot, limit - 0.1)).toBe(false);
    expect(store.stale(slot, limit + 0.1)).toBe(true);
    expect(store.x(slot, 1000)).toBe(store.x(slot, limit));
  });
  it("waits longer for a slow radar than for a fast one", () => {
    const store = new TrackStore();
    for (let t = 0; t <= 100; t += 8) store.update(row(1), t, false);
    for (let t = 0; t <= 100; t += 1) store.update(row(2), t, false);
    expect(store.reckoningLimit(store.slotOf(1)!)).toBeGreaterThan(10);
    expect(store.reckoningLimit(store.slotOf(2)!)).toBe(3);
  });
  it("does not jump at an update, and is at the new place a moment later", () => {
    const store = new TrackStore();
    store.update(row(1), 0, true);
    const slot = store.slotOf(1)!;
    const before = store.x(slot, 4);
    store.update(row(1, { lon: 92.001, speed: 0 }), 4, false);
    expect(store.x(slot, 4)).toBeCloseTo(before, 6);
    expect(place(store, 1, 5).lon).toBeCloseTo(92.001, 9);
  });
  it("takes the age of a position into account", () => {
    const store = new TrackStore();
    store.update(row(1, { past: 2 }), 10, true);
    const there = place(store, 1, 10);
    expect(rangeAndBearing(49, 92, there.lat, there.lon).range).toBeCloseTo(100, 0);
  });
  it("forgets what a keyframe does not name, and what is told to be gone", () => {
    const store = new TrackStore();
    store.update(row(1), 0, true);
    store.update(row(2), 1, false);
    expect(store.size).toBe(2);
    store.update(row(2), 2, true);
    expect(store.slotOf(1)).toBeUndefined();
    store.remove(2);
    store.remove(2);
    expect(store.size).toBe(0);
  });
  it("gives a new track no tail of the one before it in the slot", () => {
    const store = new TrackStore();
    for (let t = 0; t < 60; t += 5) store.update(row(1), t, false);
    const slot = store.slotOf(1)!;
    store.remove(1);
    store.update(row(2), 60, false);
    expect(store.slotOf(2)).toBe(slot);
    expect(store.trails.count(slot)).toBe(1);
  });
  it("keeps a bounded tail however long it runs", () => {
    const store = new TrackStore();
    for (let t = 0; t < 2000; t += 1) store.update(row(1), t, false);
    expect(store.trails.count(store.slotOf(1)!)).toBe(TRAIL_POINTS);
  });
  it("puts remembered places before new ones, oldest first", () => {
    const store = new TrackStore();
    store.update(row(1), 100, true);
    store.remember({ key: [1, 1, 9], lat: [48.9, 48.8, 1], lon: [92, 92, 1], age: [10, 20, 5] }, 100);
    const slot = store.slotOf(1)!;
    const times = [0, 1, 2].map((i) => store.trails.values()[store.trails.index(slot, i) + 2]);
    expect(times).toEqual([80, 90, 100]);
  });
  it("grows to ten thousand tracks", () => {
    const store = new TrackStore();
    const keys = Array.from({ length: 10_000 }, (_, i) => i + 1);
    const same = (value: number): number[] => keys.map(() => value);
    store.update({ key: keys, lat: same(49), lon: same(92), speed: same(1), course: same(0) }, 0, true);
    expect(store.size).toBe(10_000);
    expect(place(store, 10_000, 0).lat).toBeCloseTo(49, 9);
  });
  it("refuses a track without a place", () => {
    const store = new TrackStore();
    expect(() => store.update(row(1, { lat: NaN }), 0, false)).toThrow(StreamError);
  });
  it("finds a track by the tracker's own number and feed", () => {
    const store = new TrackStore();
    store.update(row(1, { feed: 1 }), 0, true);
    expect(store.slotOfTrack(101, 1)).toBe(store.slotOf(1));
    expect(store.slotOfTrack(101, 0)).toBeUndefined();
    expect(store.slotOfTrack(101, -1)).toBe(store.slotOf(1));
  });
});
