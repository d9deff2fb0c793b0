// Colours of the plan: orange is not seen, mint is seen; apart for every kind of colour sight.

type Rgb = readonly [number, number, number];

export const UNSEEN: Rgb = [255, 128, 48];
export const PART: Rgb = [58, 156, 150];
export const SEEN: Rgb = [150, 240, 208];
export const GAIN = "#7fd4ff";
export const LOSS = "#ff6b5e";
export const LINES = ["#ffd76a", "#7fc4ff"] as const;

export function css([r, g, b]: Rgb, alpha = 1): string {
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

export function word([r, g, b]: Rgb, alpha: number): number {
  return ((Math.round(alpha * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** Colour of a share: from orange over a dim middle to mint. */
export function shareRgb(share: number): Rgb {
  const [from, to, part] = share < 0.5 ? [UNSEEN, PART, share * 2] : [PART, SEEN, share * 2 - 1];
  return [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * part)) as unknown as Rgb;
}

export function shareColour(share: number): string {
  return css(shareRgb(share));
}

/** One mark for each package, so that no colour is needed to tell them apart. */
export const MARKS = ["triangle", "circle", "square", "diamond", "hexagon"] as const;
export const MARK_COLOURS = ["#ffe97a", "#8fd3ff", "#f3b7ff", "#ffffff", "#c8e88a"] as const;
