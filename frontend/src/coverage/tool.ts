// The coverage tool: pick a place, ask the node, lay the answer on the map, follow the slider.

import type { CoverageLayer } from "../map/coverageLayer";
import { CoveragePanel } from "../panels/coverage";
import type { Sensor } from "../stream/messages";
import { CoverageClient, type Question } from "./client";
import { PLACES, codeLimit, heightOfPlace, placeOfHeight } from "./heights";
import { type Coverage, Sums } from "./raster";

const FIRST_HEIGHT_M = 300;
const KEY_PLACES = 5;
const PICK = "Click the hill, or press Enter for the middle of the map.";

interface Place {
  lat: number;
  lon: number;
}

export interface CoverageHost {
  middle(): Place;
  /** Show or hide the cross-hair. */
  picking(on: boolean): void;
  opened(open: boolean): void;
  reveal(place: Place): void;
  /** Bring a square of the map [m] onto the screen. */
  fit(bounds: Coverage["bounds"]): void;
  sensors(): Sensor[];
}

export class CoverageTool {
  readonly panel: CoveragePanel;
  open = false;
  picking = false;
  private readonly client = new CoverageClient();
  private place: Place | null = null;
  private coverage: Coverage | null = null;
  private sums: Sums | null = null;
  private height = FIRST_HEIGHT_M;
  private known: Promise<void> | null = null;

  constructor(
    private readonly layer: CoverageLayer,
    private readonly host: CoverageHost,
  ) {
    this.panel = new CoveragePanel({
      choose: () => void this.ask(),
      height: (height) => this.setHeight(height),
      move: () => this.pick(true),
      fit: () => this.coverage && this.host.fit(this.coverage.bounds),
      close: () => this.close(),
    });
  }

  /** Open the tool, choose another place, or stop choosing. */
  toggle(): void {
    if (!this.open) void this.begin().then(() => this.pick(true));
    else if (this.picking && !this.coverage) this.close();
    else this.pick(!this.picking);
  }

  /** Show what a sensor of the picture sees from where it stands. */
  async showSensor(sensor: Sensor): Promise<void> {
    await this.begin();
    this.panel.choose(sensor.id);
    await this.ask();
  }

  /** Take a click on the map; gives whether it was one of ours. */
  click(place: Place): boolean {
    if (!this.open || !this.picking) return false;
    this.place = place;
    void this.ask();
    return true;
  }

  pickMiddle(): void {
    this.click(this.host.middle());
  }

  /** Raise or lower the target by a step of the keyboard. */
  step(by: number): void {
    if (!this.coverage) return;
    const place = Math.min(PLACES, Math.max(0, placeOfHeight(this.height) + by * KEY_PLACES));
    this.setHeight(heightOfPlace(place));
  }

  close(): void {
    this.client.stop();
    this.pick(false);
    this.open = false;
    this.coverage = this.sums = this.place = null;
    this.layer.clear();
    this.panel.show(null, 0);
    this.panel.element.hidden = true;
    this.host.opened(false);
  }

  private async begin(): Promise<void> {
    const first = !this.open;
    this.open = true;
    this.panel.element.hidden = false;
    if (first) this.host.opened(true);
    this.known ??= this.learn();
    await this.known;
  }

  /** Learn the classes of the library; a failure is said, and tried again next time. */
  private async learn(): Promise<void> {
    try {
      const { sensors, default: usual } = await this.client.classes();
      this.panel.offer(sensors, usual, this.host.sensors());
    } catch (error) {
      this.known = null;
      this.panel.say(`The node's sensor classes cannot be read: ${words(error)}`, "bad");
    }
  }

  /** Take other sensors of the picture. */
  refresh(): void {
    if (this.known) this.known = this.learn();
  }

  private pick(on: boolean): void {
    if (on && !this.open) return;
    this.picking = on && "sensor" in this.panel.chosen();
    this.host.picking(this.picking);
    if (this.picking) this.panel.say(PICK);
    else this.panel.say("");
  }

  private question(): Question | null {
    const chosen = this.panel.chosen();
    if ("of" in chosen) return chosen;
    return this.place && { ...chosen, lat: this.place.lat, lon: this.place.lon };
  }

  private async ask(): Promise<void> {
    const question = this.question();
    if (!question) return this.pick(true);
    this.pick(false);
    this.panel.say("Looking around…", "busy");
    const begun = performance.now();
    try {
      const coverage = await this.client.ask(question);
      if (coverage && this.open) this.take(coverage, performance.now() - begun);
    } catch (error) {
      this.panel.say(words(error), "bad");
    }
  }

  private take(coverage: Coverage, tookMs: number): void {
    const other = this.coverage?.lat !== coverage.lat || this.coverage.lon !== coverage.lon;
    this.coverage = coverage;
    this.place = { lat: coverage.lat, lon: coverage.lon };
    this.sums = new Sums(coverage);
    this.layer.show(coverage, codeLimit(this.height, coverage.steps_per_e));
    this.panel.say("");
    this.panel.show(coverage, tookMs);
    this.panel.showHeight(this.height, this.sums.seen(this.height), this.sums.unknown);
    if (other) this.host.reveal(this.place);
  }

  private setHeight(height: number): void {
    this.height = height;
    if (!this.coverage || !this.sums) return;
    this.layer.limit(codeLimit(height, this.coverage.steps_per_e));
    this.panel.showHeight(height, this.sums.seen(height), this.sums.unknown);
  }
}

function words(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text ? text[0]!.toUpperCase() + text.slice(1) : text;
}
