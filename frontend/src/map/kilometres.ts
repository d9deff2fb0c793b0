// Border kilometre of any place: the nearest point of the line, and its number between the posts.

import { rangeAndBearing } from "../picture/mercator";
import type { GeoJson } from "../stream/messages";

type Place = readonly [lon: number, lat: number];

interface Segment {
  border: string;
  line: Place[];
  /** Distance from the line's first point [m]. */
  along: number[];
  /** Distance along the line and kilometre of each post, in order. */
  posts: { along: number; km: number }[];
}

export interface BorderPlace {
  border: string;
  km: number;
  /** Distance from the border [m]. */
  away: number;
}

export class Kilometres {
  private readonly segments: Segment[] = [];

  constructor(border: GeoJson) {
    for (const { geometry, properties } of border.features) {
      if (geometry.type !== "LineString") continue;
      const line = geometry.coordinates as Place[];
      this.segments.push({ border: String(properties?.["border"] ?? ""), line, along: lengths(line), posts: [] });
    }
    for (const { geometry, properties } of border.features) {
      if (geometry.type !== "Point" || properties?.["km"] === undefined) continue;
      this.addPost(geometry.coordinates as Place, String(properties["border"] ?? ""), Number(properties["km"]));
    }
    for (const segment of this.segments) segment.posts.sort((a, b) => a.along - b.along);
  }

  /** Nearest place on the border, or null without one that has two posts. */
  nearest(lat: number, lon: number): BorderPlace | null {
    let best: BorderPlace | null = null;
    for (const segment of this.segments) {
      const foot = project(segment, lat, lon);
      const km = kilometre(segment, foot.along);
      if (km === null || (best && best.away <= foot.away)) continue;
      best = { border: segment.border, km, away: foot.away };
    }
    return best;
  }

  private addPost(place: Place, border: string, km: number): void {
    let best: { segment: Segment; along: number; away: number } | null = null;
    for (const segment of this.segments) {
      if (segment.border !== border) continue;
      const foot = project(segment, place[1], place[0]);
      if (!best || foot.away < best.away) best = { segment, ...foot };
    }
    best?.segment.posts.push({ along: best.along, km });
  }
}

function lengths(line: Place[]): number[] {
  const along = [0];
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1]!, line[i]!];
    along.push(along[i - 1]! + rangeAndBearing(a[1], a[0], b[1], b[0]).range);
  }
  return along;
}

/** Foot of the perpendicular on a polyline, on a plane that is flat around the place. */
function project(segment: Segment, lat: number, lon: number): { along: number; away: number } {
  const metre = 111195;
  const shrink = Math.cos((lat * Math.PI) / 180);
  let best = { along: 0, away: Infinity };
  for (let i = 1; i < segment.line.length; i++) {
    const [a, b] = [segment.line[i - 1]!, segment.line[i]!];
    const ax = (a[0] - lon) * shrink * metre;
    const ay = (a[1] - lat) * metre;
    const bx = (b[0] - lon) * shrink * metre - ax;
    const by = (b[1] - lat) * metre - ay;
    const square = bx * bx + by * by;
    const share = square === 0 ? 0 : Math.min(1, Math.max(0, -(ax * bx + ay * by) / square));
    const away = Math.hypot(ax + share * bx, ay + share * by);
    if (away >= best.away) continue;
    const [from, to] = [segment.along[i - 1]!, segment.along[i]!];
    best = { along: from + share * (to - from), away };
  }
  return best;
}

function kilometre({ posts }: Segment, along: number): number | null {
  if (posts.length < 2) return null;
  let i = posts.findIndex((post) => post.along >= along);
  if (i < 0) i = posts.length - 1;
  i = Math.max(i, 1);
  const [a, b] = [posts[i - 1]!, posts[i]!];
  if (a.along === b.along) return a.km;
  return a.km + ((along - a.along) / (b.along - a.along)) * (b.km - a.km);
}
