// The page: puts the parts together and keeps the two beats, one for motion and one for words.

import "ol/ol.css";
import "./style/page.css";
import "./style/night.css";
import "./style/panels.css";
import "./style/tracks.css";
import "./style/why.css";
import "./style/map.css";
import "./style/coverage.css";
import { chime } from "./chime";
import { CoverageTool } from "./coverage/tool";
import { h, mark } from "./dom";
import { listenToKeys } from "./keys";
import { MapView } from "./map/mapView";
import { palette } from "./map/palette";
import { Operator, type Layer, type SymbolMode, type Tab } from "./operator";
import { AlertPanel } from "./panels/alerts";
import { Bar } from "./panels/bar";
import { DetailPanel } from "./panels/detail";
import { helpDialog } from "./panels/help";
import { legend } from "./panels/legend";
import { askName } from "./panels/name";
import { SensorPanel } from "./panels/sensors";
import { TrackPanel } from "./panels/tracks";
import { isWaiting, severityName } from "./picture/alerts";
import { mercatorX, mercatorY } from "./picture/mercator";
import { Picture } from "./picture/picture";
import { Link } from "./stream/link";
import type { Alert, Frame, Hello } from "./stream/messages";

const WORDS_EVERY_MS = 500;
const MANY_TRACKS = 2000;
const TABS: readonly (readonly [Tab, string])[] = [
  ["alerts", "Alerts"], ["tracks", "Tracks"], ["detail", "Detail"], ["sensors", "Sensors"], ["coverage", "Coverage"],
];

const operator = new Operator();
const picture = new Picture();
const mapElement = h("main", { id: "map", tabindex: "0", role: "application", "aria-label": "map" });

const help = helpDialog(legend());
const soundButton = button("Sound", "sound for new warnings", () => operator.set({ sound: !operator.sound }));
const nightButton = button("Night", "red light (N)", () => operator.set({ night: !operator.night }));
const helpButton = button("?", "keys and symbols (?)", () => help.showModal());
for (const [element, glyph] of [[soundButton, "♪"], [nightButton, "☾"], [helpButton, "?"]] as const) {
  mark(element, "data-glyph", glyph);
}
const bar = new Bar([soundButton, nightButton, helpButton]);

const alertPanel = new AlertPanel(picture.alerts, { choose: showAlert, acknowledge: (alert) => void acknowledge(alert) });
const sensorPanel = new SensorPanel(
  (sensor) => view.centre(mercatorX(sensor.lon), mercatorY(sensor.lat)),
  (sensor) => void coverage.showSensor(sensor),
);
const trackPanel = new TrackPanel(picture.tracks, operator, (key) => select(key));
const detailPanel = new DetailPanel(picture.tracks, operator, {
  follow,
  centre,
  close: () => select(null),
  borderWords: (lat, lon) => view.borderWords(lat, lon),
});

const layerButtons = new Map<Layer, HTMLElement>();
const symbolButton = button("Sym auto", "symbols: automatic, always, points (S)", nextSymbols);
const coverageButton = button("◎", "coverage from a place (O)", coverPlace);
const tabs = h("nav", { class: "tabs", role: "tablist", "aria-label": "panels" });
const tabButtons = new Map<Tab, HTMLElement>();

const view = new MapView(
  mapElement, picture, operator, (key) => select(key), (bounds) => link.look(bounds),
  (lat, lon) => coverage.click({ lat, lon }),
);
const coverage = new CoverageTool(view.coverage, {
  middle: () => view.middle(),
  picking: (on) => mapElement.classList.toggle("is-picking", on),
  opened: showCoverage,
  reveal: ({ lat, lon }) => view.reveal(mercatorX(lon), mercatorY(lat)),
  fit: (bounds) => view.fit(bounds, coverage.panel.element),
  sensors: () => picture.sensors,
});
mapElement.append(view.readout.element, view.measure.element, mapButtons(), h("div", { class: "reticle", "aria-hidden": "true" }));
lay();

const socketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${location.pathname.replace(/[^/]*$/, "")}ws`;
const link = new Link(socketUrl, { hello: begin, frame: take, state: showWords });

operator.onChange(showChoices);
showChoices();
listen();
link.open();
requestAnimationFrame(beat);
window.setInterval(() => {
  if (!document.hidden) showWords();
}, WORDS_EVERY_MS);

function begin(hello: Hello, first: boolean): void {
  if (first) {
    picture.begin(hello);
    operator.set({ selected: null });
  } else {
    picture.greet(hello);
  }
  sensorPanel.reset(hello.sensors);
  coverage.refresh();
  view.begin();
  showWords();
}

function take(frame: Frame): void {
  const { fresh, statuses } = picture.take(frame, performance.now());
  sensorPanel.update(statuses);
  for (const { sensor } of statuses) view.sites?.report(sensor, sensorPanel.health(sensor));
  if (operator.sound && fresh.some((alert) => isWaiting(alert) && severityName(alert.severity) === "warning")) chime();
}

function beat(nowMs: number): void {
  requestAnimationFrame(beat);
  view.draw(picture.clock.seconds(Math.max(nowMs, performance.now())));
}

let lastList = 0;

function showWords(): void {
  const now = performance.now();
  const silent = (now - link.heardAt) / 1000;
  const { clock, tracks } = picture;
  bar.show(picture.info, picture.node, link.state, clock.utcMs(now), silent, tracks.size, link.malformed);
  markAlerted();
  alertPanel.show();
  sensorPanel.show(clock.frameNs);
  detailPanel.show(clock.seconds(now));
  // Sorting ten thousand rows twice a second helps nobody to read them.
  if (tracks.size > MANY_TRACKS && now - lastList < 3 * WORDS_EVERY_MS) return;
  lastList = now;
  trackPanel.show(clock.seconds(now));
}

function markAlerted(): void {
  const alerted = new Map<number, string>();
  for (const alert of picture.alerts.waiting().reverse()) {
    if (alert.track < 0 || alert.closed_ns) continue;
    const slot = picture.tracks.slotOfTrack(alert.track, alert.feed ?? -1);
    if (slot !== undefined) alerted.set(slot, palette[severityName(alert.severity)]);
  }
  view.overlay.alerted = alerted;
}

function select(key: number | null): void {
  operator.set({ selected: key, ...(key === null ? {} : { tab: operator.tab === "tracks" ? "tracks" : "detail" }) });
  if (key !== null) trackPanel.reveal();
}

function step(by: number): void {
  const key = trackPanel.step(by);
  if (key === null) return;
  select(key);
  revealSelected();
}

function selectedPlace(): [number, number] | null {
  const slot = operator.selected === null ? undefined : picture.tracks.slotOf(operator.selected);
  if (slot === undefined) return null;
  const t = picture.clock.seconds(performance.now());
  return [picture.tracks.x(slot, t), picture.tracks.y(slot, t)];
}

function revealSelected(): void {
  const place = selectedPlace();
  if (place) view.reveal(...place);
}

function centre(): void {
  const place = selectedPlace();
  if (place) view.centre(...place);
}

function follow(): void {
  if (operator.selected === null) return;
  operator.set({ follow: !operator.follow });
  if (operator.follow) centre();
}

function showAlert(alert: Alert): void {
  const slot = alert.track < 0 ? undefined : picture.tracks.slotOfTrack(alert.track, alert.feed ?? -1);
  if (slot !== undefined) {
    operator.set({ selected: picture.tracks.column.key[slot]! });
    trackPanel.reveal();
    revealSelected();
  } else if (alert.lat !== null && alert.lon !== null && Number.isFinite(alert.lat)) {
    view.reveal(mercatorX(alert.lon), mercatorY(alert.lat));
  }
}

async function acknowledge(alert: Alert): Promise<void> {
  if (!isWaiting(alert)) return;
  if (!operator.name) {
    const name = await askName("");
    if (!name) return;
    operator.set({ name });
  }
  try {
    const answer = await fetch(`./api/v1/alerts/${encodeURIComponent(alert.id)}/acknowledge`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ by: operator.name }),
    });
    if (!answer.ok) throw new Error(`the node answered ${answer.status}`);
    say(`Acknowledged as ${operator.name}`);
  } catch (error) {
    say(`Not acknowledged: ${error instanceof Error ? error.message : String(error)}. Try again.`, true);
  }
}

function nextAlert(): void {
  const alert = alertPanel.next();
  operator.set({ tab: "alerts" });
  if (alert) showAlert(alert);
  else say("No alert waits.");
}

function takeCurrent(): void {
  const current = alertPanel.current === null ? undefined : picture.alerts.get(alertPanel.current);
  if (current) void acknowledge(current);
}

function nextSymbols(): void {
  const order: SymbolMode[] = ["auto", "symbols", "points"];
  operator.set({ symbols: order[(order.indexOf(operator.symbols) + 1) % order.length]! });
}

function coverPlace(): void {
  coverage.toggle();
  mapElement.focus();
}

function showCoverage(open: boolean): void {
  mark(document.body, "data-coverage", open ? "true" : null);
  mark(coverageButton, "aria-pressed", String(open));
  if (open) operator.set({ tab: "coverage" });
  else if (operator.tab === "coverage") operator.set({ tab: "alerts" });
}

function takeOrPick(): void {
  if (coverage.picking) coverage.pickMiddle();
  else takeCurrent();
}

function letGo(): void {
  if (view.measure.active) view.measure.toggle();
  else if (coverage.open) coverage.close();
  else select(null);
}

/** Say something short at the map's lower edge, and to a screen reader. */
function say(text: string, bad = false): void {
  const toast = h("div", { class: "toast", role: "status", "data-grade": bad ? "bad" : "good" }, text);
  mapElement.append(toast);
  window.setTimeout(() => toast.remove(), bad ? 8000 : 3000);
}

function listen(): void {
  listenToKeys(
    {
      j: () => step(1), k: () => step(-1), a: nextAlert, " ": takeCurrent, Enter: takeOrPick,
      f: follow, c: centre, Escape: letGo, h: () => view.goHome(),
      "+": () => view.zoom(1), "=": () => view.zoom(1), "-": () => view.zoom(-1),
      ArrowLeft: () => view.pan(-1, 0), ArrowRight: () => view.pan(1, 0),
      ArrowUp: () => view.pan(0, 1), ArrowDown: () => view.pan(0, -1),
      "/": focusFilter, l: () => operator.toggle("labels"), t: () => operator.toggle("tails"),
      v: () => operator.toggle("vectors"), p: () => operator.toggle("plots"), r: () => operator.toggle("rings"),
      s: nextSymbols, m: () => view.measure.toggle(), n: () => operator.set({ night: !operator.night }),
      o: coverPlace, "[": () => coverage.step(-1), "]": () => coverage.step(1),
      "?": () => help.showModal(),
    },
    () => mapElement.focus(),
  );
}

function focusFilter(): void {
  operator.set({ tab: "tracks" });
  trackPanel.filter.focus();
  trackPanel.filter.select();
}

function showChoices(): void {
  mark(document.documentElement, "data-night", operator.night ? "true" : null);
  mark(document.body, "data-tab", operator.tab);
  mark(soundButton, "aria-pressed", String(operator.sound));
  mark(nightButton, "aria-pressed", String(operator.night));
  symbolButton.textContent = `Sym ${operator.symbols}`;
  for (const [layer, element] of layerButtons) mark(element, "aria-pressed", String(operator.layers[layer]));
  for (const [tab, element] of tabButtons) mark(element, "aria-selected", String(operator.tab === tab));
  if (picture.info) {
    view.showRings();
    detailPanel.show(picture.clock.seconds(performance.now()));
    trackPanel.show(picture.clock.seconds(performance.now()));
  }
}

function lay(): void {
  for (const [tab, words] of TABS) {
    const element = h("button", { type: "button", role: "tab", "data-tab": tab, onclick: () => operator.set({ tab }) }, words);
    tabButtons.set(tab, element);
    tabs.append(element);
  }
  document.body.append(
    bar.element,
    bar.banner,
    h("aside", { class: "side side-left" }, alertPanel.element, sensorPanel.element),
    mapElement,
    coverage.panel.element,
    h("aside", { class: "side side-right" }, detailPanel.element, trackPanel.element),
    tabs,
    help,
  );
}

function mapButtons(): HTMLElement {
  const layers: readonly (readonly [Layer, string, string])[] = [
    ["labels", "Labels", "L"], ["tails", "Tails", "T"], ["vectors", "Vectors", "V"], ["plots", "Plots", "P"], ["rings", "Rings", "R"],
  ];
  const toggles = h("div", { class: "map-layers", role: "group", "aria-label": "layers" });
  for (const [layer, words, key] of layers) {
    const element = button(words, `${words.toLowerCase()} (${key})`, () => operator.toggle(layer));
    mark(element, "aria-pressed", String(operator.layers[layer]));
    layerButtons.set(layer, element);
    toggles.append(element);
  }
  toggles.append(symbolButton);
  const moves = h(
    "div",
    { class: "map-moves", role: "group", "aria-label": "view" },
    button("+", "zoom in (+)", () => view.zoom(1)),
    button("−", "zoom out (−)", () => view.zoom(-1)),
    button("⌂", "home view (H)", () => view.goHome()),
    button("⟷", "measure (M)", () => view.measure.toggle()),
    coverageButton,
  );
  const holder = h("div", { class: "map-buttons" }, toggles, moves);
  // Buttons lie on the map: their clicks must not fall through to it.
  for (const kind of ["pointerdown", "click", "dblclick", "wheel"]) {
    holder.addEventListener(kind, (event) => event.stopPropagation());
  }
  return holder;
}

function button(words: string, title: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", title, "aria-label": title, onclick }, words);
}
