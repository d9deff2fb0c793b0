// What the server says, as types, and how its bytes become them (docs/stream.md).

import { Decoder, ExtensionCodec, encode } from "@msgpack/msgpack";
import type { Tracker } from "../words/names";
import { type Column, StreamError, readArray } from "./array";

export type Mode = "rehearsal" | "replay" | "live";

export interface Info {
  title: string;
  mode: Mode;
  version: string;
  now_ns: number;
  rate: number;
  home: [number, number, number, number] | null;
  terrain: { label: string; origin: string; synthetic: boolean; notes: string[] };
  recording: boolean;
  foreign: string;
  /** Whose tracks are joined into one picture, the own tracker first; empty where nobody's are. */
  trackers: Tracker[];
}

export interface Site {
  id: string;
  name: string;
  lat: number;
  lon: number;
  height: number;
}

export interface Sensor {
  id: string;
  name: string;
  site: string;
  kind: string;
  lat: number;
  lon: number;
  height: number;
  min_range: number;
  max_range: number;
  scan_period: number;
  sector_start_deg: number;
  sector_width_deg: number;
  address: string;
  position_assumed: boolean;
}

export interface SensorStatus {
  sensor: string;
  time_ns: number;
  health: string;
  reason: string;
  last_data_ns: number;
  rotation_period: number | null;
  messages: number;
  detections: number;
  errors: number;
}

export interface Alert {
  id: string;
  time_ns: number;
  rule: string;
  severity: string;
  text: string;
  track: number;
  feed: number;
  sensor: string;
  lat: number | null;
  lon: number | null;
  border: string;
  border_km: number | null;
  closed_ns: number;
  acknowledged_ns: number;
  acknowledged_by: string;
}

export interface Node {
  recording: boolean;
  warning: string;
  lag_ms: number;
  rate: number;
  stored: number;
  ended: boolean;
}

export interface Hello {
  tag: "hello";
  info: Info;
  sites: Site[];
  sensors: Sensor[];
  border: GeoJson;
  alerts: Alert[];
  /** Where the tracks were before: columns key, lat, lon, age. */
  tails: Columns;
}

export type Columns = Record<string, Column>;

export interface Frame {
  tag: "frame";
  sequence: number;
  now_ns: number;
  keyframe: boolean;
  tracks: Columns;
  gone: ArrayLike<number>;
  plots: Columns;
  alerts: Alert[];
  status: SensorStatus[];
  node: Node;
}

export interface GeoJson {
  type: string;
  features: {
    type: string;
    geometry: { type: string; coordinates: unknown };
    properties: Record<string, unknown> | null;
  }[];
}

const extensions = new ExtensionCodec();
extensions.register({ type: 1, encode: () => null, decode: readArray });
const decoder = new Decoder({ extensionCodec: extensions });

const TRACK_NUMBERS = ["key", "lat", "lon", "speed", "course"];

/** Turn one binary message into a hello or a frame; `null` for tags that this picture ignores. */
export function readMessage(bytes: Uint8Array): Hello | Frame | null {
  const message = decodeMap(bytes);
  switch (message["_"]) {
    case "hello/1":
      return readHello(message);
    case "frame/1":
      return readFrame(message);
    default:
      return null;
  }
}

export function writeMessage(message: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  return encode(message).slice();
}

export function decodeMap(bytes: Uint8Array): Record<string, unknown> {
  let message: unknown;
  try {
    message = decoder.decode(bytes);
  } catch (error) {
    throw new StreamError(`not a message: ${String(error)}`);
  }
  if (typeof message !== "object" || message === null) throw new StreamError("not a map");
  return message as Record<string, unknown>;
}

function readHello(message: Record<string, unknown>): Hello {
  const info = (message["info"] ?? {}) as Partial<Info>;
  return {
    tag: "hello",
    info: {
      title: info.title ?? "",
      mode: info.mode ?? "live",
      version: info.version ?? "",
      now_ns: Number(info.now_ns ?? 0),
      rate: Number(info.rate ?? 1),
      home: info.home ?? null,
      terrain: { label: "", origin: "", synthetic: false, notes: [], ...info.terrain },
      recording: info.recording ?? false,
      foreign: info.foreign ?? "",
      trackers: info.trackers ?? [],
    },
    sites: list<Site>(message["sites"]),
    sensors: list<Sensor>(message["sensors"]),
    border: (message["border"] ?? { type: "FeatureCollection", features: [] }) as GeoJson,
    alerts: list<Alert>(message["alerts"]),
    tails: columns(message["tails"], ["key", "lat", "lon", "age"]),
  };
}

function readFrame(message: Record<string, unknown>): Frame {
  const tracks = columns(message["tracks"], TRACK_NUMBERS);
  const plots = columns(message["plots"], ["lat", "lon"]);
  const node = (message["node"] ?? {}) as Partial<Node>;
  return {
    tag: "frame",
    sequence: Number(message["sequence"] ?? 0),
    now_ns: Number(message["now_ns"] ?? 0),
    keyframe: message["keyframe"] === true,
    tracks,
    gone: (message["gone"] ?? []) as ArrayLike<number>,
    plots,
    alerts: list<Alert>(message["alerts"]),
    status: list<SensorStatus>(message["status"]),
    node: {
      recording: node.recording ?? false,
      warning: node.warning ?? "",
      lag_ms: Number(node.lag_ms ?? 0),
      rate: Number(node.rate ?? 1),
      stored: Number(node.stored ?? 0),
      ended: node.ended ?? false,
    },
  };
}

/** Check a map of columns: all of one length, and the needed ones there. Empty maps are well. */
function columns(value: unknown, needed: readonly string[]): Columns {
  const map = (value ?? {}) as Columns;
  const names = Object.keys(map);
  if (names.length === 0) return map;
  const length = map[names[0] as string]?.length ?? 0;
  for (const name of names) {
    if (map[name]?.length !== length) throw new StreamError(`column ${name} is not ${length} long`);
  }
  for (const name of needed) {
    if (!map[name]) throw new StreamError(`column ${name} is missing`);
  }
  return map;
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
