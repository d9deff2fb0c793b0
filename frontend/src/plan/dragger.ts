// Takes a site by the hand: press on it, drag it, let it go.

import type Feature from "ol/Feature";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import type Point from "ol/geom/Point";
import PointerInteraction from "ol/interaction/Pointer";
import type OlMap from "ol/Map";
import type VectorSource from "ol/source/Vector";
import { latDeg, lonDeg } from "../picture/mercator";

export interface Drag {
  choose(id: string | null): void;
  moving(id: string, lat: number, lon: number): void;
  moved(id: string, lat: number, lon: number): void;
}

type Sites = VectorSource<Feature<Point>>;
const REACH_PX = 12;
const TOUCH_REACH_PX = 24;
/** A hand that shakes less than this has clicked, and dragged nothing. */
const LEAST_PX = 4;

/** The site nearest to a pixel, within so many pixels. */
export function nearest(sites: Sites, map: OlMap, pixel: number[], reach: number): Feature<Point> | null {
  let [found, best]: [Feature<Point> | null, number] = [null, reach];
  for (const feature of sites.getFeatures()) {
    const at = map.getPixelFromCoordinate(feature.getGeometry()!.getCoordinates());
    const distance = at ? Math.hypot(at[0]! - pixel[0]!, at[1]! - pixel[1]!) : Infinity;
    if (distance < best) [found, best] = [feature, distance];
  }
  return found;
}

export class Dragger extends PointerInteraction {
  /** Name of the site that is under the hand. */
  held: string | null = null;
  private feature: Feature<Point> | null = null;
  private from: number[] = [];
  private offset: [number, number] = [0, 0];

  constructor(private readonly sites: Sites, private readonly drag: Drag, private readonly mayMove: (id: string) => boolean) {
    super();
  }

  override handleDownEvent(event: MapBrowserEvent): boolean {
    const touch = (event.originalEvent as PointerEvent).pointerType === "touch";
    const feature = nearest(this.sites, event.map, event.pixel, touch ? TOUCH_REACH_PX : REACH_PX);
    if (!feature || !this.mayMove(String(feature.getId()))) return false;
    const [x, y] = feature.getGeometry()!.getCoordinates() as [number, number];
    this.feature = feature;
    this.from = event.pixel;
    this.offset = [x - event.coordinate[0]!, y - event.coordinate[1]!];
    return true;
  }

  override handleDragEvent(event: MapBrowserEvent): void {
    if (!this.feature) return;
    const id = String(this.feature.getId());
    if (this.held === null) {
      if (Math.hypot(event.pixel[0]! - this.from[0]!, event.pixel[1]! - this.from[1]!) < LEAST_PX) return;
      this.held = id;
      this.drag.choose(id);
    }
    const place = [event.coordinate[0]! + this.offset[0], event.coordinate[1]! + this.offset[1]];
    this.feature.getGeometry()!.setCoordinates(place);
    this.drag.moving(id, latDeg(place[1]!), lonDeg(place[0]!));
  }

  override handleUpEvent(): boolean {
    const { held, feature } = this;
    this.held = this.feature = null;
    if (held !== null && feature) {
      const [x, y] = feature.getGeometry()!.getCoordinates() as [number, number];
      this.drag.moved(held, latDeg(y), lonDeg(x));
    }
    return false;
  }
}
