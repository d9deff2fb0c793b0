// The picture as the stream tells it: what every part of the page reads from.

import { knowTrackers } from "../words/names";
import type {
  Alert, Columns, Frame, GeoJson, Hello, Info, Node, Sensor, SensorStatus, Site,
} from "../stream/messages";
import { Alerts } from "./alerts";
import { PictureClock } from "./clock";
import { Plots } from "./plots";
import { TrackStore } from "./tracks";

export class Picture {
  readonly tracks = new TrackStore();
  readonly plots = new Plots();
  readonly alerts = new Alerts();
  readonly clock = new PictureClock();
  info: Info | null = null;
  node: Node | null = null;
  sites: Site[] = [];
  sensors: Sensor[] = [];
  border: GeoJson = { type: "FeatureCollection", features: [] };
  frames = 0;
  /** History from the greeting, kept until the first frame has named the tracks. */
  private tails: Columns | null = null;

  /** Begin anew with a connection: track keys of an older one mean nothing. */
  begin(hello: Hello): void {
    this.tracks.clear();
    this.plots.clear();
    this.alerts.clear();
    this.clock.reset();
    this.node = null;
    this.tails = hello.tails;
    this.greet(hello);
  }

  /** Take what seldom changes. */
  greet(hello: Hello): void {
    this.info = hello.info;
    knowTrackers(hello.info.trackers);
    this.sites = hello.sites;
    this.sensors = hello.sensors;
    this.border = hello.border;
    this.alerts.update(hello.alerts);
  }

  /** Take a frame; give the alerts that are new and the statuses that came with it. */
  take(frame: Frame, nowMs: number): { fresh: Alert[]; statuses: SensorStatus[] } {
    this.clock.set(frame.now_ns, frame.node.rate, nowMs);
    const t = this.clock.seconds(nowMs);
    this.node = frame.node;
    this.tracks.update(frame.tracks, t, frame.keyframe);
    if (this.tails) this.tracks.remember(this.tails, t);
    this.tails = null;
    for (let i = 0; i < frame.gone.length; i++) this.tracks.remove(frame.gone[i]!);
    this.plots.update(frame.plots, t);
    this.frames += 1;
    return { fresh: this.alerts.update(frame.alerts), statuses: frame.status };
  }
}
