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

/** Number of a track as people say it: own tracks as they are, foreign ones marked. */
export function trackName(id: number, feed: number): string {
  return `${feed === 0 ? "T" : "S"}${Math.trunc(id)}`;
}
