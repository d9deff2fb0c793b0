import { describe, expect, it } from "vitest";
import { TrackStore } from "../src/picture/tracks";
import { plotLines, shares, whoSees, type Why } from "../src/words/why";

const WHY: Why = {
  key: 7, feed: 0, hidden: false, said: true, existence: 0.97, nothing: 0.03,
  classes: [
    { class: "vehicle", probability: 0.6 }, { class: "small_drone", probability: 0.2 },
    { class: "rider", probability: 0.15 }, { class: "walker", probability: 0.015 },
    { class: "bird", probability: 0.005 },
  ],
  sensors: [{ id: "r1", name: "East" }],
  plots: [
    { age: 3.2, sensor: "r1", sensor_name: "East", weight: 0.874, method: "lbp" },
    { age: 130, sensor: "r2", sensor_name: "", weight: 1, method: "of-next-year" },
  ],
};

describe("why a track is believed", () => {
  it("names who holds it", () => {
    expect(whoSees(WHY)).toBe("Held by East.");
    const three = ["a", "b", "c"].map((id) => ({ id, name: "" }));
    expect(whoSees({ ...WHY, sensors: three })).toBe("Held by a, b and c.");
    expect(whoSees({ ...WHY, sensors: [] })).toBe("No sensor holds it now.");
  });
  it("names whose tracks were joined", () => {
    const joint = { ...WHY, trackers: ["north", "tower"] };
    expect(whoSees(joint)).toBe("Joined from the tracks of north and tower. Held by East.");
    const alone = { ...WHY, trackers: ["tower"], sensors: [], said: false };
    expect(whoSees(alone)).toBe("Tracked by tower alone. Its tracker does not say why.");
  });
  it("says that a hidden track cannot be seen, and that its place is predicted", () => {
    const words = whoSees({ ...WHY, hidden: true, sensors: [] });
    expect(words).toBe("Hidden: no sensor can see it now, its place is predicted.");
    expect(whoSees({ ...WHY, hidden: true })).toBe(`${words} Held by East.`);
  });
  it("does not make up reasons for a tracker that gives none", () => {
    const silent: Why = { ...WHY, said: false, nothing: null, classes: [], sensors: [], plots: [] };
    expect(whoSees(silent)).toBe("Its tracker does not say why.");
    expect([shares(silent), plotLines(silent)]).toEqual([[], []]);
  });
  it("shows the three likeliest classes and the chance that nothing is there", () => {
    expect(shares(WHY).map(({ name, text }) => `${name} ${text}`)).toEqual([
      "vehicle 60 %", "small drone 20 %", "rider 15 %", "no real thing 3 %",
    ]);
    expect(shares({ ...WHY, nothing: 0.004 })).toHaveLength(3);
    const shuffled = shares({ ...WHY, classes: [...WHY.classes].reverse() });
    expect(shuffled.map(({ name }) => name)).toEqual(["vehicle", "small drone", "rider", "no real thing"]);
  });
  it("tells each detection with its age, sensor, weight and the way it was chosen", () => {
    expect(plotLines(WHY)).toEqual([
      expect.objectContaining({ when: "3 s ago", sensor: "East", sure: "87 %", how: "by probability" }),
      expect.objectContaining({ when: "2 min 10 s ago", sensor: "r2", sure: "100 %", how: "not said", hint: "" }),
    ]);
  });
});

describe("a hidden track", () => {
  const row = (more: Record<string, number>) =>
    Object.fromEntries(
      Object.entries({ key: 1, id: 1, feed: 0, lat: 49, lon: 92, speed: 5, course: 0, status: 2, ...more }).map(([n, v]) => [n, [v]]),
    );
  it("is one whose own tracker says so, once it is confirmed", () => {
    const store = new TrackStore();
    const hidden = (more: Record<string, number>): boolean => {
      store.update(row(more), 0, true);
      return store.isHidden(store.slotOf(1)!);
    };
    expect(hidden({ hidden: 1 })).toBe(true);
    expect(hidden({ hidden: 0 })).toBe(false);
    expect(hidden({})).toBe(false);
    expect(hidden({ hidden: 1, status: 0 })).toBe(false);
    expect(hidden({ hidden: 1, feed: 1 })).toBe(false);
  });
});
