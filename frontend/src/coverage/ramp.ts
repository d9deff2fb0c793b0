// One ramp of colours for "seen from this height on": the raster's, the slider's and the legend's.
// Light means seen low; lightness falls all the way, so that red light and grey show it too.

import { heightOfCode, shareOfHeight } from "./heights";

type Rgb = readonly [number, number, number];

const STOPS: readonly (readonly [share: number, colour: Rgb])[] = [
  [0, [166, 255, 214]],
  [0.3, [74, 222, 190]],
  [0.55, [44, 168, 204]],
  [0.8, [74, 122, 214]],
  [1, [112, 86, 196]],
];
const ALPHA = 0.46;
/** Codes from here on are seen by no target of the slider. */
export const CODES = 1200;

export function colourAt(share: number): Rgb {
  let i = 1;
  while (i < STOPS.length - 1 && STOPS[i]![0] < share) i++;
  const [from, a] = STOPS[i - 1]!;
  const [to, b] = STOPS[i]!;
  const part = Math.min(1, Math.max(0, (share - from) / (to - from)));
  return [0, 1, 2].map((c) => Math.round(a[c]! + part * (b[c]! - a[c]!))) as unknown as Rgb;
}

/** The ramp as CSS, for the slider's track. */
export function rampCss(): string {
  const stops = STOPS.map(([share, colour]) => `rgb(${colour.join(" ")}) ${share * 100}%`);
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

/** Colour of every code as a little-endian RGBA word. */
export function rampWords(stepsPerE: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(CODES);
  const alpha = Math.round(ALPHA * 255);
  for (let code = 0; code < CODES; code++) {
    const [r, g, b] = colourAt(shareOfHeight(heightOfCode(code, stepsPerE)));
    words[code] = ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }
  return words;
}
