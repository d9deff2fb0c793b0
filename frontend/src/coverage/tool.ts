// The coverage tool: pick a place, ask the node, lay the answer on the map, follow the slider.

import type { CoverageLayer } from "../map/coverageLayer";
import { CoveragePanel } from "../panels/coverage";
import type { Sensor } from "../stream/messages";
import { CoverageClient, type Question, type TargetClass } from "./client";
import { detected } from "./detection";
import { PLACES, codeLimit, heightOfPlace, placeOfHeight } from "./heights";
import { type Coverage, Sums } from "./raster";

const FIRST_HEIGHT_M = 300;
const KEY_PLACES = 5;
/** A slider that moves asks for chances only once it rests this long. */
const REST_MS = 140;
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
  private resting = 0;
  private asking = false;

  constructor(
    private readonly layer: CoverageLayer,
    private readonly host: CoverageHost,
  ) {
    this.panel = new CoveragePanel({
      choose: () => void this.ask(),
      aim: () => this.aimAt(this.panel.choice.aim()),
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
    this.panel.choice.choose(sensor.id);
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
    window.clearTimeout(this.resting);
    this.pick(false);
    this.open = this.asking = false;
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
      this.panel.choice.offer(await this.client.library(), this.host.sensors());
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
    this.picking = on && "sensor" in this.panel.choice.chosen();
    this.host.picking(this.picking);
    if (this.picking) this.panel.say(PICK);
    else this.panel.say("");
  }

  private question(): Question | null {
    const chosen = this.panel.choice.chosen();
    if ("of" in chosen) return chosen;
    return this.place && { ...chosen, lat: this.place.lat, lon: this.place.lon };
  }

  private async ask(): Promise<void> {
    const question = this.question();
    if (!question) return this.pick(true);
    this.pick(false);
    this.panel.say("Looking around…", "busy");
    const begun = performance.now();
    this.asking = true;
    window.clearTimeout(this.resting);
    try {
      const coverage = await this.client.ask(question);
      if (!coverage) return; // a newer question is under way
      this.asking = false;
      if (this.open) this.take(coverage, performance.now() - begun);
    } catch (error) {
      this.asking = false;
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
    this.setHeight(this.height, true);
    if (other) this.host.reveal(this.place);
  }

  /** Ask about sight alone, or about a class of targets at the height where it usually is. */
  private aimAt(aim: TargetClass | null): void {
    if (aim) this.height = heightOfPlace(placeOfHeight(Math.sqrt(aim.low * aim.high)));
    if (this.asking || !this.coverage) return;
    this.client.stop();
    this.setHeight(this.height, true);
  }

  private setHeight(height: number, atOnce = false): void {
    this.height = height;
    window.clearTimeout(this.resting);
    if (!this.coverage || !this.sums) return;
    const aim = this.panel.choice.aim();
    this.panel.showHeight(height, this.sums.unknown, aim);
    this.layer.stale(aim !== null);
    if (aim) {
      this.resting = window.setTimeout(() => void this.askChance(aim.id), atOnce ? 0 : REST_MS);
    } else {
      this.panel.say("");
      this.layer.limit(codeLimit(height, this.coverage.steps_per_e));
      this.panel.showSeen(this.sums.seen(height));
    }
  }

  private async askChance(target: string): Promise<void> {
    const { coverage } = this;
    const question = this.question();
    if (!coverage || !question) return;
    this.panel.say("Asking the sensor's own equations…", "busy");
    try {
      const found = await this.client.askChance(question, target, this.height);
      if (!found || this.coverage !== coverage) return;
      this.layer.chance(found);
      this.layer.stale(false);
      this.panel.say("");
      this.panel.showDetected(detected(coverage, found, 0.8), detected(coverage, found, 0.5), found.note);
    } catch (error) {
      this.panel.say(words(error), "bad");
    }
  }
}

function words(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text ? text[0]!.toUpperCase() + text.slice(1) : text;
}
