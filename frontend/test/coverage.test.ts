import { ExtData, encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { parameters } from "../src/coverage/client";
import { HIGHEST_M, PLACES, codeLimit, heightOfCode, heightOfPlace, placeOfHeight } from "../src/coverage/heights";
import { LEAST_CHANCE, chanceWords, detected, readDetection } from "../src/coverage/detection";
import { CODES, colourAt, rampWords } from "../src/coverage/ramp";
import { type Coverage, OUTSIDE, Sums, UNKNOWN, colour, readCoverage } from "../src/coverage/raster";
import { ringStep } from "../src/map/coverageLayer";
import { destination, mercatorX, mercatorY, rangeAndBearing } from "../src/picture/mercator";
import { StreamError } from "../src/stream/array";

const STEPS = 100;

function words16(values: number[], rows: number, cols: number): ExtData {
  const shape = new Uint8Array(new Uint32Array([rows, cols]).buffer);
  const head = [2, 3, ...new TextEncoder().encode("<u2"), ...shape];
  return new ExtData(1, new Uint8Array([...head, ...new Uint8Array(new Uint16Array(values).buffer)]));
}

/** A square of `side` cells of `step` map metres around a place. */
function coverage(codes: number[], step = 1000, lat = 0, lon = 0): Coverage {
  const side = Math.sqrt(codes.length);
  const [x, y, half] = [mercatorX(lon), mercatorY(lat), (side * step) / 2];
  return {
    sensor: "gap-filler", name: "Gap filler", lat, lon, ground: 0, mast: 15, antenna: 15, min_range: 0,
    max_range: half, k: 4 / 3, k_label: "", cell: step, warnings: [], seconds: 0,
    terrain: { label: "", synthetic: false, datum: "", notes: [] },
    bounds: [x - half, y - half, x + half, y + half], steps_per_e: STEPS, side, codes: Uint16Array.from(codes),
  };
}

describe("a coverage off the wire", () => {
  it("is read with its codes", () => {
    const read = readCoverage(encode({ _: "coverage/1", lat: 50, min_height: words16([0, 462, UNKNOWN, OUTSIDE], 2, 2) }));
    expect(read.side).toBe(2);
    expect([...read.codes]).toEqual([0, 462, UNKNOWN, OUTSIDE]);
    expect(read.lat).toBe(50);
  });
  it("of another kind or shape is refused", () => {
    expect(() => readCoverage(encode({ _: "coverage/2", min_height: words16([0], 1, 1) }))).toThrow(StreamError);
    expect(() => readCoverage(encode({ _: "coverage/1", min_height: words16([0, 0, 0], 1, 3) }))).toThrow(StreamError);
    expect(() => readCoverage(encode({ _: "coverage/1" }))).toThrow(StreamError);
  });
});

describe("codes of heights", () => {
  it("never claim a cell that a target at that height is too low for", () => {
    for (const height of [0, 0.4, 3, 99.99, 100, 101, 1234.5, 5000]) {
      const code = Math.ceil(Math.log1p(height) * STEPS); // as the node rounds
      for (const target of [0.5 * height, 0.99 * height, Math.max(0, height - 0.01), height]) {
        if (codeLimit(target, STEPS) >= code) expect(height).toBeLessThanOrEqual(target);
      }
      expect(codeLimit(1.011 * height + 0.02, STEPS)).toBeGreaterThanOrEqual(code);
    }
  });
  it("are steps of one per cent", () => {
    expect(heightOfCode(codeLimit(1000, STEPS) + 1, STEPS) / 1000).toBeLessThan(1.0101);
  });
});

describe("the slider", () => {
  it("goes from the ground to five thousand metres and never back", () => {
    const heights = Array.from({ length: PLACES + 1 }, (_, place) => heightOfPlace(place));
    expect(heights[0]).toBe(0);
    expect(heights[PLACES]).toBe(HIGHEST_M);
    for (let i = 1; i <= PLACES; i++) expect(heights[i]!).toBeGreaterThanOrEqual(heights[i - 1]!);
  });
  it("is fine near the ground: half of it lies below 250 m", () => {
    expect(heightOfPlace(PLACES / 2)).toBeLessThan(250);
    expect(heightOfPlace(PLACES / 2)).toBeGreaterThan(150);
  });
  it("comes back to where a height stands", () => {
    for (const height of [0, 10, 100, 300, 1000, 5000]) {
      expect(Math.abs(heightOfPlace(placeOfHeight(height)) - height)).toBeLessThanOrEqual(0.02 * height);
    }
  });
  it("keeps within its ends", () => {
    expect(heightOfPlace(-5)).toBe(0);
    expect(heightOfPlace(PLACES + 5)).toBe(HIGHEST_M);
    expect(placeOfHeight(9000)).toBe(PLACES);
  });
});

describe("the tint", () => {
  it("colours what is seen, and nothing hidden, unknown or out of range", () => {
    const codes = Uint16Array.from([0, 300, 301, 1031, UNKNOWN, OUTSIDE]);
    const out = new Uint32Array(6).fill(7);
    colour(codes, 300, rampWords(STEPS), out);
    expect([...out].map(Boolean)).toEqual([true, true, false, false, false, false]);
  });
  it("never colours the unknown, however high the limit", () => {
    const out = new Uint32Array(2);
    colour(Uint16Array.from([UNKNOWN, OUTSIDE]), 70_000, rampWords(STEPS), out);
    expect([...out]).toEqual([0, 0]);
  });
  it("gets darker all the way up, so that red light shows it too", () => {
    const light = (share: number) => {
      const [r, g, b] = colourAt(share);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (let i = 1; i <= 20; i++) expect(light(i / 20)).toBeLessThan(light((i - 1) / 20));
  });
});

describe("the sums", () => {
  it("add up area and farthest range by height", () => {
    // Nine cells on the equator; only the middle is seen on the ground, its row from 100 m on.
    const row = codeLimit(100, STEPS);
    const sums = new Sums(coverage([CODES + 5, CODES + 5, OUTSIDE, row, 0, row, UNKNOWN, OUTSIDE, OUTSIDE]));
    expect(sums.seen(0).area / 1e6).toBeCloseTo(1, 5);
    expect(sums.seen(0).farthest).toBe(0);
    expect(sums.seen(101).area / 1e6).toBeCloseTo(3, 5);
    expect(sums.seen(101).farthest).toBeCloseTo(1000 * (6371008.8 / 6378137), 1);
    expect(sums.seen(5000).area / 1e6).toBeCloseTo(3, 5);
    expect(sums.seen(5000).whole / 1e6).toBeCloseTo(6, 4);
    expect(sums.unknown).toBeCloseTo(1 / 6, 5);
  });
  it("measure on the ground, not on the map", () => {
    const sums = new Sums(coverage([0], 1000, 60, 100));
    expect(sums.seen(0).area / 1e6).toBeCloseTo(0.25, 3); // Mercator stretches twofold at 60°
  });
});

describe("the chance of detection", () => {
  const found = (chance: number[]) => ({ target: "walker", height: 2, note: "", parts: 200, seconds: 0, chance: Uint8Array.from(chance) });

  it("is read off the wire, and nothing else is", () => {
    const bytes = new ExtData(1, new Uint8Array([2, 3, ...new TextEncoder().encode("|u1"), 1, 0, 0, 0, 2, 0, 0, 0, 40, 255]));
    expect([...readDetection(encode({ _: "detection/1", parts: 200, chance: bytes })).chance]).toEqual([40, 255]);
    expect(() => readDetection(encode({ _: "coverage/1", chance: bytes }))).toThrow(StreamError);
  });
  it("tints what is likely, the surer the lighter, and never the unknown", () => {
    const words = chanceWords(200);
    expect(words[Math.ceil(LEAST_CHANCE * 200) - 1]).toBe(0);
    expect([words[254], words[255]]).toEqual([0, 0]);
    const green = (word: number) => (word >>> 8) & 255;
    expect(green(words[200]!)).toBeGreaterThan(green(words[100]!));
    expect(green(words[100]!)).toBeGreaterThan(green(words[20]!));
  });
  it("adds up the area above a chance", () => {
    const around = coverage(Array(9).fill(0));
    const codes = found([254, 254, 254, 99, 200, 160, 255, 255, 100]);
    expect(detected(around, codes, 0.8).area / 1e6).toBeCloseTo(2, 4);
    expect(detected(around, codes, 0.5).area / 1e6).toBeCloseTo(3, 4);
    expect(detected(around, codes, 0.5).whole / 1e6).toBeCloseTo(6, 4);
    expect(detected(around, codes, 0.5).farthest).toBeCloseTo(Math.SQRT2 * 998.88, 0);
    expect(detected(around, found(Array(9).fill(0)), 0.5).farthest).toBe(0);
  });
});

describe("the question", () => {
  it("names a place and a class, or a sensor of the picture", () => {
    const placed = parameters({ sensor: "gap-filler", lat: 50, lon: 92.5, mast: 15 }, "abc");
    expect(placed).toBe("lon=92.500000&lat=50.000000&sensor=gap-filler&mast=15&screen=abc");
    expect(parameters({ of: "radar 1" }, "abc")).toBe("of=radar+1&screen=abc");
  });
});

describe("range rings", () => {
  it("stand at few round ranges", () => {
    expect([30_000, 120_000, 220_000, 400_000].map(ringStep)).toEqual([10_000, 50_000, 50_000, 100_000]);
  });
  it("are as far away as they say", () => {
    for (const bearing of [0, 77, 180, 291]) {
      const [lat, lon] = destination(49, 92, 120_000, bearing);
      const back = rangeAndBearing(49, 92, lat, lon);
      expect(back.range).toBeCloseTo(120_000, 3);
      expect(back.bearing).toBeCloseTo(bearing, 6);
    }
  });
});
