import { describe, expect, it } from "vitest";
import { compileFilter } from "../src/words/filter";
import {
  bearing, borderKm, distance, kmh, latLon, metres, mode3a, modeS, percent, span, utc,
} from "../src/words/format";
import { healthName, isTheirs, knowTrackers, sensorKind, targetName, trackName, trackerNames } from "../src/words/names";
import { severityName } from "../src/picture/alerts";
import { roundLength } from "../src/panels/readout";

describe("numbers for an operator", () => {
  it("write a place in degrees and minutes", () => {
    expect(latLon(49.20575, 92.0535)).toBe("49°12.345′N 092°03.210′E");
    expect(latLon(-0.99999999, -179.5)).toBe("01°00.000′S 179°30.000′W");
  });
  it("write time in Zulu", () => {
    expect(utc(Date.UTC(2026, 10, 24, 0, 15, 57))).toEqual({ date: "24 NOV 2026", time: "00:15:57" });
  });
  it("write spans in the unit that fits", () => {
    expect([span(8.4), span(245), span(11_520)]).toEqual(["8 s", "4 min 05 s", "3 h 12 min"]);
  });
  it("write transponder codes as radios say them", () => {
    expect(modeS(0x51500a)).toBe("51500A");
    expect(mode3a(0o2501)).toBe("2501");
    expect(modeS(0) + mode3a(-1)).toBe("");
  });
  it("write a missing number as a dash, never as a zero", () => {
    expect([kmh(NaN), metres(NaN), bearing(NaN), percent(NaN), distance(NaN), latLon(NaN, 1)]).toEqual(Array(6).fill("–"));
    expect(borderKm("RU", null)).toBe("");
  });
  it("write a course of 359.7 degrees as 000", () => {
    expect(bearing(359.7)).toBe("000°");
  });
  it("give the scale bar a round length", () => {
    expect(roundLength(47_000)).toEqual({ length: 20_000, words: "20 km" });
    expect(roundLength(999).words).toBe("500 m");
  });
});

describe("names", () => {
  it("come from numbers and from words alike", () => {
    expect([healthName(3), healthName("SILENT"), healthName("odd")]).toEqual(["silent", "silent", "unknown"]);
    expect([severityName(2), severityName("Warning")]).toEqual(["warning", "warning"]);
    expect([sensorKind("radar_3d"), sensorKind(4)]).toEqual(["3-D radar", "camera"]);
  });
  it("of a class that this page does not know yet is unknown", () => {
    expect(targetName(99)).toBe("unknown");
  });
  it("tell own tracks from foreign ones", () => {
    expect([trackName(12, 0), trackName(12, 1)]).toEqual(["T12", "S12"]);
  });
  it("name a joint track after the tracker that had it first, and all that contribute", () => {
    knowTrackers([{ name: "north", code: 5 }, { name: "tower", code: 0xfffff }]);
    expect(trackName(5 * 2 ** 32 + 7, 2)).toBe("T7");
    expect(trackName(0xfffff * 2 ** 32 + 2 ** 32 - 1, 2)).toBe(`tower ${2 ** 32 - 1}`);
    expect(trackName(9 * 2 ** 32 + 7, 2)).toBe("J7");
    expect([trackerNames(3), trackerNames(2), trackerNames(0)]).toEqual([["north", "tower"], ["tower"], []]);
    expect([isTheirs(0, 0), isTheirs(1, 0), isTheirs(2, 2), isTheirs(2, 3)]).toEqual([false, true, true, false]);
    knowTrackers([]);
    expect(trackerNames(3)).toEqual([]);
  });
});

describe("the filter line", () => {
  const walker = { words: "t12 walker wlk confirmed own", speed: 5, height: 1200, agl: 0, existence: 0.9, seen: 2 };
  it("lets everything pass when empty", () => {
    expect(compileFilter("  ")(walker)).toBe(true);
  });
  it("wants all words, whatever their case", () => {
    expect(compileFilter("WALKER confirmed")(walker)).toBe(true);
    expect(compileFilter("walker tentative")(walker)).toBe(false);
  });
  it("keeps out what an exclamation mark names", () => {
    expect(compileFilter("!walker")(walker)).toBe(false);
    expect(compileFilter("!bird")(walker)).toBe(true);
  });
  it("compares numbers, and a missing number fails every comparison", () => {
    expect(compileFilter("speed>4 speed<6")(walker)).toBe(true);
    expect(compileFilter("agl<500")({ ...walker, agl: NaN })).toBe(false);
  });
});
