// The map under the tracks: OpenLayers on plain canvas, relief tiles from our own node.

import OlMap from "ol/Map";
import View from "ol/View";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import TileLayer from "ol/layer/Tile";
import { transformExtent } from "ol/proj";
import XYZ from "ol/source/XYZ";

export type Bounds = [west: number, south: number, east: number, north: number];

const FINEST_TILE = 13;
/** Mongolia, until the node says which stretch it watches. */
const COUNTRY: Bounds = [87.7, 41.5, 119.95, 52.2];

export function makeMap(target: HTMLElement): OlMap {
  const relief = new TileLayer({
    source: new XYZ({
      url: "./terrain/{z}/{x}/{y}.png",
      maxZoom: FINEST_TILE,
      transition: 0,
      attributions: [],
    }),
    preload: 1,
    background: "#0d1418",
  });
  return new OlMap({
    target,
    controls: [],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false, keyboard: false }),
    layers: [relief],
    maxTilesLoading: 8,
    moveTolerance: 3,
    view: new View({
      enableRotation: false,
      constrainResolution: false,
      minZoom: 4,
      maxZoom: 16.5,
      center: [0, 0],
      zoom: 5,
      extent: transformExtent([-180, -80, 180, 80], "EPSG:4326", "EPSG:3857"),
      showFullExtent: true,
    }),
  });
}

/** Show the stretch that the node watches. */
export function goHome(map: OlMap, home: Bounds | null, animate: boolean): void {
  const extent = transformExtent(home ?? COUNTRY, "EPSG:4326", "EPSG:3857");
  map.getView().fit(extent, { padding: [24, 24, 36, 24], duration: animate ? 300 : 0 });
}

export function viewBounds(map: OlMap): Bounds {
  return transformExtent(map.getView().calculateExtent(map.getSize()), "EPSG:3857", "EPSG:4326") as Bounds;
}
