// Heights above ground as codes of the raster and as places on the slider.

/** What the slider reaches [m]. */
export const HIGHEST_M = 5000;
/** Places of the slider, 0 for the ground itself. */
export const PLACES = 250;
const BEND_M = 10;
const SPREAD = Math.log(1 + HIGHEST_M / BEND_M);

/** Code of the highest minimum height that is seen by a target at `height` [m]. */
export function codeLimit(height: number, stepsPerE: number): number {
  // Codes were rounded up, so rounding down here claims nothing that is not seen.
  return Math.floor(Math.log1p(Math.max(0, height)) * stepsPerE + 1e-6);
}

/** Height [m] of a code. */
export function heightOfCode(code: number, stepsPerE: number): number {
  return Math.expm1(code / stepsPerE);
}

/** Place 0…1 of a height on the slider: even near the ground, logarithmic above. */
export function shareOfHeight(height: number): number {
  return Math.min(1, Math.log1p(Math.max(0, height) / BEND_M) / SPREAD);
}

/** A round height [m] for a place of the slider. */
export function heightOfPlace(place: number): number {
  const exact = BEND_M * Math.expm1((Math.min(PLACES, Math.max(0, place)) / PLACES) * SPREAD);
  const step = exact < 20 ? 1 : exact < 100 ? 2 : exact < 500 ? 10 : exact < 2000 ? 20 : 50;
  return Math.round(exact / step) * step;
}

export function placeOfHeight(height: number): number {
  return Math.round(shareOfHeight(height) * PLACES);
}
