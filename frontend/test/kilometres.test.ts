import { describe, expect, it } from "vitest";
import { Kilometres } from "../src/map/kilometres";
import { Room } from "../src/map/labels";
import type { GeoJson } from "../src/stream/messages";

// One degree of longitude on the equator of the mean sphere is 111.195 km.
const KM = 1 / 111.195;

function border(): GeoJson {
  const post = (km: number, lon: number) => ({
    type: "Feature", geometry: { type: "Point", coordinates: [lon, 0] }, properties: { border: "CN", km },
  });
  const line = { type: "Feature", geometry: { type: "LineString", coordinates: [[0, 0], [1, 0], [2, 0]] }, properties: { border: "CN" } };
  return { type: "FeatureCollection", features: [line, post(100, 10 * KM), post(110, 20 * KM), post(120, 30 * KM)] };
}

describe("the border kilometre", () => {
  it("lies between the posts in proportion", () => {
    const near = new Kilometres(border()).nearest(5 * KM, 17 * KM)!;
    expect(near.border).toBe("CN");
    expect(near.km).toBeCloseTo(107, 2);
    expect(near.away).toBeCloseTo(5000, -1);
  });
  it("goes on beyond the last post", () => {
    expect(new Kilometres(border()).nearest(0, 40 * KM)!.km).toBeCloseTo(130, 1);
  });
  it("is nothing without a border", () => {
    expect(new Kilometres({ type: "FeatureCollection", features: [] }).nearest(0, 0)).toBeNull();
  });
});

describe("room for labels", () => {
  it("is given once", () => {
    const room = new Room(200, 100);
    expect(room.take(10, 10, 50, 20)).toBe(true);
    expect(room.take(40, 20, 50, 20)).toBe(false);
    expect(room.take(80, 10, 50, 20)).toBe(true);
  });
  it("is not found outside the screen", () => {
    expect(new Room(200, 100).take(180, 10, 50, 20)).toBe(false);
    expect(new Room(200, 100).take(-5, 10, 50, 20)).toBe(false);
  });
});
