// The picture's own clock: set by every frame, running on at the node's rate in between.

const LONGEST_RUN_S = 5;

export class PictureClock {
  /** Time of the latest frame [ns UTC]; 0 before the first. */
  frameNs = 0;
  rate = 1;
  private startNs = 0;
  private frameAtMs = 0;

  /** Take the time of a frame that arrived at `nowMs` (`performance.now()`). */
  set(frameNs: number, rate: number, nowMs: number): void {
    if (this.startNs === 0) this.startNs = frameNs;
    this.frameNs = frameNs;
    // "As fast as possible" has no rate to run on with: then only frames move the clock.
    this.rate = Number.isFinite(rate) ? rate : 0;
    this.frameAtMs = nowMs;
  }

  /** Start over: a new connection may tell of another time. */
  reset(): void {
    this.startNs = 0;
    this.frameNs = 0;
  }

  /** Picture time in seconds since the first frame; it stops a few seconds after the last frame. */
  seconds(nowMs: number): number {
    if (this.startNs === 0) return 0;
    const run = Math.min(Math.max(nowMs - this.frameAtMs, 0) / 1000, LONGEST_RUN_S);
    return (this.frameNs - this.startNs) / 1e9 + run * this.rate;
  }

  /** Picture time [ms UTC], for people. */
  utcMs(nowMs: number): number {
    return this.startNs / 1e6 + this.seconds(nowMs) * 1000;
  }
}
