// The border unrolled: shares of its pieces, averaged to what a screen can show.

import { CODES, NOTHING, type Line, type Scene, type State } from "./messages";

/** Part of a line that is watched, as numbers of its pieces within the line. */
export interface Watched {
  line: Line;
  from: number;
  to: number;
}

/** What map and strip show, by number: all classes, each class, then each measure of assurance. */
export function sharesOf(scene: Scene, state: State, kind: number): Float32Array {
  const classes = scene.classes.length;
  if (kind <= classes) return column(state.pieces, classes + 1, kind);
  const codes = state.assurance?.pieces;
  const width = scene.measures.length;
  return codes ? column(codes, width, kind - classes - 1) : new Float32Array(state.pieces.length / (classes + 1)).fill(NaN);
}

/** Shares of all pieces in one of `width` columns; NaN where nothing is watched. */
export function column(codes: Uint8Array, width: number, at: number): Float32Array {
  const shares = new Float32Array(codes.length / width);
  for (let i = 0; i < shares.length; i++) {
    const code = codes[i * width + at]!;
    shares[i] = code === NOTHING ? NaN : code / CODES;
  }
  return shares;
}

/** The lines that a plan watches, each from its first watched piece to its last, with some margin. */
export function watchedLines(scene: Scene, shares: Float32Array): Watched[] {
  const found: Watched[] = [];
  for (const line of scene.lines) {
    let from = -1;
    let to = -1;
    for (let i = 0; i < line.count; i++) {
      if (Number.isNaN(shares[line.first + i]!)) continue;
      if (from < 0) from = i;
      to = i + 1;
    }
    if (from < 0) continue;
    const margin = Math.max(2, Math.round((to - from) * 0.01));
    found.push({ line, from: Math.max(0, from - margin), to: Math.min(line.count, to + margin) });
  }
  return found;
}

/** Average the shares of a stretch into bars; NaN where nothing is watched. */
export function bars(shares: Float32Array, { line, from, to }: Watched, count: number): Float32Array {
  const sums = new Float32Array(count);
  const numbers = new Float32Array(count);
  const scale = count / (to - from);
  for (let i = from; i < to; i++) {
    const share = shares[line.first + i]!;
    if (Number.isNaN(share)) continue;
    // A piece wider than a bar fills all the bars that it covers.
    const first = Math.floor((i - from) * scale);
    const last = Math.max(first + 1, Math.min(count, Math.floor((i - from + 1) * scale)));
    for (let bar = first; bar < last; bar++) {
      sums[bar]! += share;
      numbers[bar]! += 1;
    }
  }
  return sums.map((sum, bar) => sum / numbers[bar]!);
}

/** Smaller differences are not worth a line [km of seen border]. */
const LEAST_KM = 0.1;

export interface Difference {
  border: string;
  from_km: number;
  to_km: number;
  /** Kilometres of seen border gained (positive) or lost. */
  gained: number;
}

/** Stretches where one plan sees more or less than another, the greatest first. */
export function differences(scene: Scene, before: Float32Array, after: Float32Array, most = 8): Difference[] {
  const found: Difference[] = [];
  const km = scene.step / 1000;
  for (const line of scene.lines) {
    let open: Difference | null = null;
    for (let i = 0; i < line.count; i++) {
      const change = after[line.first + i]! - before[line.first + i]!;
      const sign = Number.isNaN(change) || Math.abs(change) < 0.02 ? 0 : Math.sign(change);
      if (sign !== 0 && open && Math.sign(open.gained) === sign && i * km - open.to_km <= 3 * km) {
        open.to_km = (i + 1) * km;
        open.gained += change * km;
      } else if (sign !== 0) {
        open = { border: line.border, from_km: i * km, to_km: (i + 1) * km, gained: change * km };
        found.push(open);
      }
    }
  }
  return found.filter((one) => Math.abs(one.gained) >= LEAST_KM).sort((a, b) => Math.abs(b.gained) - Math.abs(a.gained)).slice(0, most);
}

/** Latitude and longitude [deg] of a kilometre of a line. */
export function placeOf(scene: Scene, border: string, km: number): { lat: number; lon: number } | null {
  let first = 0;
  for (const line of scene.lines) {
    if (line.border === border) {
      const at = Math.min(line.count, Math.max(0, (km * 1000) / scene.step));
      const [low, high] = [Math.floor(at), Math.ceil(at)];
      const part = at - low;
      const mix = (values: Float32Array) => values[first + low]! * (1 - part) + values[first + high]! * part;
      return { lat: mix(scene.vertex_lat), lon: mix(scene.vertex_lon) };
    }
    first += line.count + 1;
  }
  return null;
}
