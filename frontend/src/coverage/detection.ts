// How probably a target at one height is detected: cells in parts of one, and what they add up to.

import { StreamError } from "../stream/array";
import { decodeMap } from "../stream/messages";
import { colourAt } from "./ramp";
import { type Coverage, type Seen, forEachCell, farthestOf } from "./raster";

/** Chances below this are not worth a tint. */
export const LEAST_CHANCE = 0.05;
const OUTSIDE = 254;
const ALPHA = 0.5;

export interface Detection {
  target: string;
  height: number;
  note: string;
  /** Chances are codes / parts; the two highest codes are out of range, and unknown. */
  parts: number;
  chance: Uint8Array;
  seconds: number;
}

/** Read `detection/1` of docs/stream.md; throw `StreamError` when it is none. */
export function readDetection(bytes: Uint8Array): Detection {
  const message = decodeMap(bytes);
  if (message["_"] !== "detection/1" || !(message["chance"] instanceof Uint8Array)) {
    throw new StreamError("the node's answer is not a detection map that this page can read; reload it");
  }
  return message as unknown as Detection;
}

/** Colour of every code as a little-endian RGBA word: the lighter, the surer. */
export function chanceWords(parts: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(256);
  const alpha = Math.round(ALPHA * 255);
  for (let code = Math.ceil(LEAST_CHANCE * parts); code <= parts; code++) {
    const [r, g, b] = colourAt(1 - code / parts);
    words[code] = ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }
  return words;
}

/** Area where the chance is at least `least`, and the farthest such cell. */
export function detected(coverage: Coverage, { chance, parts }: Detection, least: number): Seen {
  let [area, whole, far] = [0, 0, 0];
  const limit = least * parts;
  forEachCell(coverage, (at, cell, half) => {
    const code = chance[at]!;
    if (code === OUTSIDE) return;
    whole += cell;
    if (code < limit || code > parts) return;
    area += cell;
    if (half > far) far = half;
  });
  return { area, whole, farthest: farthestOf(far) };
}
