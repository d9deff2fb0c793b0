// Raw detections, kept for a few seconds so that they fade instead of blinking.

import type { Columns } from "../stream/messages";
import { mercatorX, mercatorY } from "./mercator";

export const PLOT_SECONDS = 15;
const MOST_PLOTS = 4096;

export class Plots {
  readonly x = new Float64Array(MOST_PLOTS);
  readonly y = new Float64Array(MOST_PLOTS);
  /** Picture time of the measurement [s]. */
  readonly t = new Float64Array(MOST_PLOTS).fill(-Infinity);
  readonly kind = new Uint8Array(MOST_PLOTS);
  readonly capacity = MOST_PLOTS;
  private next = 0;

  update(columns: Columns, t: number): void {
    const { lat, lon, kind, age } = columns;
    const count = lat?.length ?? 0;
    for (let row = 0; row < count; row++) {
      const at = this.next;
      this.x[at] = mercatorX(Number(lon![row]));
      this.y[at] = mercatorY(Number(lat![row]));
      this.t[at] = t - Number(age?.[row] ?? 0);
      this.kind[at] = Number(kind?.[row] ?? 0);
      this.next = (at + 1) % MOST_PLOTS;
    }
  }

  clear(): void {
    this.t.fill(-Infinity);
  }
}
