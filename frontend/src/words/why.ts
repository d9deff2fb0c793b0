// Why a track is believed, in an operator's words: what `GET /api/v1/tracks/{key}/why` answers.

import { percent, span } from "./format";

export interface WhyPlot {
  age: number;
  sensor: string;
  sensor_name: string;
  weight: number;
  method: string;
}

export interface Why {
  key: number;
  feed: number;
  hidden: boolean;
  /** False when its tracker gives no reasons. */
  said: boolean;
  existence: number;
  /** Probability that it is no real thing; null when not said. */
  nothing: number | null;
  classes: { class: string; probability: number }[];
  sensors: { id: string; name: string }[];
  /** Trackers that contribute to a joint track; empty for one tracker's own. */
  trackers?: string[];
  plots: WhyPlot[];
}

const MOST_CLASSES = 3;
const LEAST_SHARE = 0.01;
const METHODS: Record<string, string> = {
  alone: "no rival",
  gnn: "best match",
  lbp: "by probability",
  mht: "several scans",
};
export const METHOD_HINTS: Record<string, string> = {
  alone: "no other track claimed this detection",
  gnn: "the best assignment of all detections to all tracks",
  lbp: "several tracks claimed it: each takes its probable share",
  mht: "hypotheses over several scans were weighed",
};

/** A line of a small chart: words and a share between 0 and 1. */
export interface Share {
  name: string;
  share: number;
  text: string;
}

export interface PlotLine {
  when: string;
  sensor: string;
  sure: string;
  how: string;
  hint: string;
}

/** Whether anybody sees it, in one sentence. */
export function whoSees(why: Why): string {
  const joint = joinedBy(why.trackers ?? []);
  const seen = heldBy(why);
  return joint ? `${joint} ${seen}` : seen;
}

/** Whose tracks were joined, in one sentence; "" for one tracker's own track. */
function joinedBy(trackers: readonly string[]): string {
  if (trackers.length === 0) return "";
  return trackers.length === 1 ? `Tracked by ${trackers[0]} alone.` : `Joined from the tracks of ${listed(trackers)}.`;
}

function heldBy(why: Why): string {
  if (!why.said) return "Its tracker does not say why.";
  const names = why.sensors.map(({ name, id }) => name || id);
  const held = names.length > 0 ? `Held by ${listed(names)}.` : "";
  if (why.hidden) return `Hidden: no sensor can see it now, its place is predicted. ${held}`.trim();
  return held || "No sensor holds it now.";
}

/** The likeliest classes, and the chance that nothing is there. */
export function shares(why: Why): Share[] {
  const likely = why.classes
    .filter(({ probability }) => probability >= LEAST_SHARE)
    .sort((a, b) => b.probability - a.probability)
    .slice(0, MOST_CLASSES)
    .map((item) => line(item.class.replaceAll("_", " "), item.probability));
  const nothing = why.nothing ?? 0;
  return nothing >= LEAST_SHARE ? [...likely, line("no real thing", nothing)] : likely;
}

/** Its latest detections, the newest first. */
export function plotLines(why: Why): PlotLine[] {
  return why.plots.map((plot) => ({
    when: `${span(plot.age)} ago`,
    sensor: plot.sensor_name || plot.sensor || "–",
    sure: percent(plot.weight),
    how: METHODS[plot.method] ?? "not said",
    hint: METHOD_HINTS[plot.method] ?? "",
  }));
}

function line(name: string, share: number): Share {
  return { name, share: Math.min(Math.max(share, 0), 1), text: percent(share) };
}

function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
