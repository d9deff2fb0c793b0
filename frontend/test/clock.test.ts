import { expect, it } from "vitest";
import { PictureClock } from "../src/picture/clock";

it("runs on at the node's rate between frames", () => {
  const clock = new PictureClock();
  clock.set(1e18, 20, 1000);
  expect(clock.seconds(1500)).toBeCloseTo(10, 6);
  expect(clock.utcMs(1500)).toBeCloseTo(1e12 + 10_000, 1);
});

it("stands still while the node is paused", () => {
  const clock = new PictureClock();
  clock.set(1e18, 0, 1000);
  expect(clock.seconds(4000)).toBe(0);
});

it("stops a few seconds after the last frame instead of inventing time", () => {
  const clock = new PictureClock();
  clock.set(1e18, 1, 0);
  expect(clock.seconds(60_000)).toBe(5);
});
