// What the node says of plans (docs/planning-picture.md), as types, and how bytes become them.

import { StreamError } from "../stream/array";
import { decodeMap } from "../stream/messages";

/** A share in 250ths; 255 where nothing is watched. */
export const CODES = 250;
export const NOTHING = 255;

/** Where a site stands, and what stands there. */
export interface Placed {
  id: string;
  lat: number;
  lon: number;
  package: string;
}

export interface Alternative {
  id: string;
  package: string;
  lat: number | null;
  lon: number | null;
  loses: number;
}

export interface PlanSite extends Placed {
  fixed: boolean;
  relay: boolean;
  border: string;
  km: number | null;
  links: string[];
  alternatives: Alternative[];
}

export interface Package {
  id: string;
  price: number;
  most: number | null;
  sensors: string[];
  mast: number;
  reach: number | null;
}

export interface Line {
  border: string;
  length: number;
  /** Number of its first piece, and how many it has. */
  first: number;
  count: number;
}

export interface Scene {
  title: string;
  folder: string;
  currency: string;
  budget: number | null;
  share: number;
  bound_share: number;
  required: number;
  terrain: string;
  synthetic: boolean;
  warnings: string[];
  packages: Package[];
  classes: { target: string; height: number | null; weight: number }[];
  sites: PlanSite[];
  /** What the node says of assurance, in order; empty without the plan's file. */
  measures: string[];
  /** Side of a cell [m], and the cells' places [deg]. */
  cell: number;
  cell_lat: Float32Array;
  cell_lon: Float32Array;
  /** Length of a piece of border [m]; the lines' pieces have `count + 1` ends each [deg]. */
  step: number;
  lines: Line[];
  vertex_lat: Float32Array;
  vertex_lon: Float32Array;
}

export interface Stretch {
  border: string;
  from_km: number;
  to_km: number;
  lost: number;
  share: number;
}

export interface StateSite extends Placed {
  ground: number;
  alone: number;
  adds: number;
  warnings: string[];
}

export interface Assurance {
  means: Record<string, number>;
  /** Of each piece: the mean of each measure. */
  pieces: Uint8Array;
  /** Sites that reach no gateway: what they see reaches nobody. */
  unlinked: string[];
}

export interface State {
  share: number;
  expected: number;
  classes: number[];
  classes_expected: number[];
  sites: StateSite[];
  stretches: Stretch[];
  /** Sites that see each cell, for each class: cell by cell. */
  counts: Uint8Array;
  /** Share of each piece that is seen: all classes together, then each class. */
  pieces: Uint8Array;
  /** The same, as the mean probability that somebody sees it. */
  chances: Uint8Array;
  spent: number;
  bought: Record<string, number>;
  broken: string[];
  /** Comes after the rest; null while it is being worked out, or cannot be. */
  assurance: Assurance | null;
  seconds: number;
}

export interface Listed {
  number: number;
  title: string;
  folder: string;
  sites: number;
  steps: number;
  surveyed: number;
}

export interface PlanList {
  plans: Listed[];
  save: boolean;
  fault: string;
}

export function readScene(bytes: Uint8Array): Scene {
  const message = decodeMap(bytes);
  const scene = message as unknown as Scene;
  const cells = scene.cell_lat instanceof Float32Array && scene.cell_lat.length === scene.cell_lon?.length;
  if (message["_"] !== "plan-scene/1" || !cells) throw unreadable("plan");
  const ends = scene.lines.reduce((sum, line) => sum + line.count + 1, 0);
  if (scene.vertex_lat.length !== ends || scene.vertex_lon.length !== ends) throw unreadable("plan");
  return scene;
}

export function readState(bytes: Uint8Array, scene: Scene): State {
  const message = decodeMap(bytes);
  const state = message as unknown as State;
  const classes = scene.classes.length;
  const pieces = scene.lines.reduce((sum, line) => sum + line.count, 0);
  const fits =
    state.counts instanceof Uint8Array && state.counts.length === scene.cell_lat.length * classes &&
    state.pieces instanceof Uint8Array && state.pieces.length === pieces * (classes + 1) &&
    (!state.assurance || state.assurance.pieces?.length === pieces * scene.measures.length);
  if (message["_"] !== "plan-state/1" || !fits) throw unreadable("plan's figures");
  return state;
}

function unreadable(what: string): StreamError {
  return new StreamError(`the node's answer is no ${what} that this page can read; reload it`);
}
