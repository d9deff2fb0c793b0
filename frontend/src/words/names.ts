// Words for the numbers of the records, as an operator says them.

export const TARGETS = [
  "unknown", "walker", "rider", "vehicle", "aircraft", "helicopter", "small drone", "bird",
] as const;
const TARGET_CODES = ["UNK", "WLK", "RDR", "VEH", "AIR", "HEL", "UAS", "BRD"] as const;
export const STATUSES = ["tentative", "confirmed", "coasting", "ended"] as const;
export const HEALTHS = ["unknown", "good", "degraded", "silent", "off"] as const;
export type HealthName = (typeof HEALTHS)[number];
const SENSOR_KINDS = ["sensor", "3-D radar", "2-D radar", "ground radar", "camera", "secondary radar"] as const;
const KIND_NAMES = ["unknown", "radar_3d", "radar_2d", "ground_radar", "camera", "secondary_radar"];

export const BIRD = 7;
const AIRCRAFT = 4;

export function targetName(target: number): string {
  return TARGETS[target] ?? "unknown";
}

/** Three letters for lists and labels. */
export function targetCode(target: number): string {
  return TARGET_CODES[target] ?? "UNK";
}

export function isAir(target: number): boolean {
  return target >= AIRCRAFT;
}

export function statusName(status: number): string {
  return STATUSES[status] ?? "unknown";
}

/** Name of a health grade; the binary form of records sends its number. */
export function healthName(value: string | number | undefined): HealthName {
  if (typeof value === "number") return HEALTHS[value] ?? "unknown";
  const lower = (value ?? "").toLowerCase();
  return (HEALTHS as readonly string[]).includes(lower) ? (lower as HealthName) : "unknown";
}

export function sensorKind(kind: string | number): string {
  const index = typeof kind === "number" ? kind : KIND_NAMES.indexOf(kind.toLowerCase());
  return SENSOR_KINDS[index] ?? "sensor";
}

/** A tracker whose tracks are joined with others, as `hello.info.trackers` names it; the own one comes first. */
export interface Tracker {
  name: string;
  /** What the joint ids of its tracks begin with. */
  code: number;
}

export const FOREIGN = 1;
export const JOINT = 2;
const NUMBERS_OF_ONE = 2 ** 32;
let trackers: readonly Tracker[] = [];

/** Learn who is joined, so that joint tracks can be named after whoever first had them. */
export function knowTrackers(known: readonly Tracker[]): void {
  trackers = known;
}

/** Number of a track as people say it: own tracks as they are, foreign ones marked, a partner's by its name. */
export function trackName(id: number, feed: number): string {
  if (feed !== JOINT) return `${feed === FOREIGN ? "S" : "T"}${Math.trunc(id)}`;
  const number = id % NUMBERS_OF_ONE;
  const code = Math.floor(id / NUMBERS_OF_ONE);
  const first = trackers.findIndex((tracker) => tracker.code === code);
  if (first === 0) return `T${number}`;
  return first > 0 ? `${trackers[first]!.name} ${number}` : `J${number}`;
}

/** Names of the trackers whose bits are set, the own one first. */
export function trackerNames(bits: number): string[] {
  return trackers.filter((_, i) => Math.floor(bits / 2 ** i) % 2 === 1).map(({ name }) => name);
}

/** Tell whether a track is another tracker's alone: a foreign one, or a joint one to which we add nothing. */
export function isTheirs(feed: number, bits: number): boolean {
  return feed === FOREIGN || (feed === JOINT && bits % 2 === 0);
}
