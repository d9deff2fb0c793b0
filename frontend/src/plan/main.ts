// The planner's page: plans on the map, to be changed, taken back, compared and kept.

import "ol/ol.css";
import "../style/page.css";
import "../style/night.css";
import "../style/map.css";
import "../style/planFigures.css";
import "../style/plan.css";
import { fromLonLat } from "ol/proj";
import { h, mark } from "../dom";
import { latDeg, lonDeg, mercatorX, mercatorY } from "../picture/mercator";
import { Board, type BoardHost, type Opened } from "./board";
import { fetchScene, listPlans, planFile, savePlan, evaluate } from "./client";
import { legend } from "./legend";
import { History } from "./history";
import type { State } from "./messages";
import { Panel, sameBorder } from "./panel";
import { placeOf, sharesOf } from "./profile";
import { siteCard } from "./siteCard";
import { Strip } from "./strip";
import { sentence } from "./words";

const ARROWS: Record<string, [right: number, up: number]> = {
  arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, 1], arrowdown: [0, -1],
};
const AGAIN_MS = 400;
const PLANNED = "as planned";

interface Slot {
  plan: Opened;
  planned: boolean;
}

const plans: Opened[] = [];
let boards: Board[] = [];
let slots: Slot[] = [];
let kind = 0;
let chosen: { board: Board; id: string } | null = null;
let canSave = false;

const undo = button("↶ Undo", "take back the last change (Ctrl+Z)", () => step(-1));
const redo = button("↷ Redo", "do it again (Ctrl+Shift+Z)", () => step(1));
const compare = button("Compare", "two plans side by side (C)", toggleCompare);
const seek = h("input", { type: "checkbox", checked: true });
const seekLabel = h("label", { class: "plan-seek", title: "a dragged site goes to the highest ground within 800 m" }, seek, "seek high ground");
const download = button("Download", "the changed plan as plan.json", () => void keep(false));
const save = button("Save…", "keep the changed plan in the node's folder", () => void keep(true));
const night = button("Night", "red light (N)", () => mark(document.documentElement, "data-night", document.documentElement.hasAttribute("data-night") ? null : "true"));
const choose = h("select", { class: "plan-choose", "aria-label": "plan" });
const against = h("select", { class: "plan-choose", "aria-label": "plan on the right", hidden: true });
const status = h("span", { class: "plan-status", role: "status" });
const maps = h("main", { class: "boards", id: "map" });
const panel = new Panel({ kind: (number) => { kind = number; draw(); }, go, site: showSite });
const strip = new Strip(go);

const host: BoardHost = {
  choose: (board, id) => {
    chosen = id === null ? null : { board, id };
    for (const each of boards) each.sites.choose(each === board ? id : null);
    drawSite();
  },
  passing: (board, state) => draw(board, state ?? undefined),
  changed: (board) => {
    if (chosen && !board.state.sites.some((site) => site.id === chosen!.id)) host.choose(board, null);
    draw();
  },
  busy: (on) => mark(document.body, "data-busy", on ? "true" : null),
  fail: (error) => toast(sentence(error), true),
  seekHigh: () => seek.checked,
};

for (const [element, glyph] of [[undo, "↶"], [redo, "↷"], [compare, "⇆"], [download, "⇩"], [save, "✓"], [night, "☾"]] as const) {
  mark(element, "data-glyph", glyph);
  mark(element, "aria-label", element.textContent!.replace(/[↶↷…]/g, "").trim());
}
document.body.classList.add("plan-page");
document.body.append(
  h("header", { class: "bar" },
    h("div", { class: "brand" }, h("strong", {}, "Steppewatch"), h("span", { class: "mode", "data-mode": "plan" }, "PLAN"), choose, against),
    status,
    h("div", { class: "bar-buttons" }, undo, redo, compare, seekLabel, download, save, night)),
  maps, panel.element, strip.element,
);
choose.addEventListener("change", pick);
against.addEventListener("change", pick);
listen();
void begin();

async function begin(): Promise<void> {
  try {
    const listed = await waitForSurvey();
    if (listed.plans.length === 0) {
      return say("This node shows no plans. Start it with: steppewatch plan show FOLDER");
    }
    canSave = listed.save;
    save.hidden = !canSave;
    for (const { number } of listed.plans) {
      const scene = await fetchScene(number);
      const planned = await evaluate(number, scene, scene.sites);
      plans.push({ number, scene, history: new History(planned) });
    }
    say(listed.fault ? `A site cannot be surveyed: ${listed.fault}` : "");
    offer();
    open([{ plan: plans[0]!, planned: false }]);
    boards[0]!.fit();
  } catch (error) {
    say(sentence(error));
  }
}

async function waitForSurvey(): Promise<Awaited<ReturnType<typeof listPlans>>> {
  for (;;) {
    const listed = await listPlans();
    const [done, all] = listed.plans.reduce(([d, a], one) => [d + one.surveyed, a + one.steps], [0, 0]);
    if (done >= all) return listed;
    say(`Looking around from every site: ${done} of ${all}`);
    await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
  }
}

function offer(): void {
  const names = plans.flatMap((_, i) => [
    h("option", { value: `${i}` }, title(i)),
    h("option", { value: `${i}p` }, `${title(i)} (${PLANNED})`),
  ]);
  choose.replaceChildren(...plans.map((_, i) => h("option", { value: `${i}` }, title(i))));
  against.replaceChildren(...names);
}

function title(i: number): string {
  const { scene } = plans[i]!;
  const same = plans.filter((each) => each.scene.title === scene.title).length > 1;
  return same ? `${scene.title} · ${scene.folder}` : scene.title;
}

/** Lay one map, or two that move together. */
function open(wanted: Slot[]): void {
  const view = boards[0]?.map.getView() ?? null;
  for (const board of boards) board.map.setTarget(undefined);
  slots = wanted;
  boards = slots.map(({ plan, planned }, i) => new Board(plan, planned, i === 0 ? view : (boards[0]?.map.getView() ?? view), host));
  if (boards[1]) boards[1].map.setView(boards[0]!.map.getView());
  chosen = null;
  maps.replaceChildren(...boards.map((board) => board.element), legend(slots[0]!.plan.scene));
  mark(maps, "data-two", boards.length > 1 ? "true" : null);
  mark(compare, "aria-pressed", String(boards.length > 1));
  panel.offer(slots[0]!.plan.scene);
  kind = 0;
  for (const board of boards) board.map.updateSize();
  draw();
}

function draw(board: Board | null = null, passing?: State): void {
  const names = slots.map(({ plan, planned }) => `${title(plans.indexOf(plan))}${planned ? ` (${PLANNED})` : plan.history.changed ? " (changed)" : ""}`);
  boards.forEach((each, i) => {
    const state = each === board && passing ? passing : each.state;
    const { classes, measures } = each.plan.scene;
    const kindHere = kind <= classes.length + measures.length ? kind : 0;
    each.show(kindHere, state, boards.length > 1 ? null : each.plan.history.planned);
    each.name(boards.length > 1 ? names[i]! : "");
  });
  const [left, right] = boards;
  if (!left) return;
  const of = (state: State, each: Board) => sharesOf(each.plan.scene, state, kind);
  if (right) {
    const short: [string, string] = left.plan === right.plan ? ["planned", "changed"] : [names[0]!, names[1]!];
    panel.showTwo(left, right, short, kind);
    const before = of(left.state, left);
    strip.show(left.plan.scene, {
      before, after: sameBorder(left.plan.scene, right.plan.scene) ? of(right.state, right) : before, compared: true,
    });
  } else {
    const state = passing ?? left.state;
    panel.showOne(left.plan, state, passing !== undefined);
    strip.show(left.plan.scene, { before: of(left.plan.history.planned, left), after: of(state, left), compared: false });
  }
  drawSite();
  const history = active()?.plan.history;
  undo.disabled = history?.undoes == null;
  redo.disabled = history?.redoes == null;
  undo.title = history?.undoes ? `take back: ${history.undoes} (Ctrl+Z)` : "nothing to take back";
  redo.title = history?.redoes ? `do again: ${history.redoes} (Ctrl+Shift+Z)` : "nothing to do again";
}

function drawSite(): void {
  if (chosen) panel.site.replaceChildren(...siteCard(chosen.board, chosen.id));
  else if (boards.length > 1) panel.site.replaceChildren();
  else panel.site.replaceChildren(h("p", { class: "plan-soft" }, "Drag a site to move it; click one to see what it adds."));
}

/** The board whose plan undo and redo mean: the one last touched, else the first that can change. */
function active(): Board | undefined {
  if (chosen && !chosen.board.planned) return chosen.board;
  return boards.find((board) => !board.planned && board.plan.history.changed) ?? boards.find((board) => !board.planned);
}

function step(by: number): void {
  const board = active();
  if (!board) return;
  const { history } = board.plan;
  if (by < 0 ? history.undo() : history.redo()) host.changed(board);
}

function toggleCompare(): void {
  if (boards.length > 1) {
    against.hidden = true;
    return open([slots.find((slot) => !slot.planned) ?? slots[0]!]);
  }
  const now = plans.indexOf(slots[0]!.plan);
  const other = plans.length > 1 ? `${now === 0 ? 1 : 0}` : `${now}p`;
  against.hidden = false;
  against.value = other;
  pick();
}

function pick(): void {
  const left: Slot = { plan: plans[Number(choose.value)]!, planned: false };
  if (against.hidden) {
    open([left]);
    return boards[0]!.fit();
  }
  const right: Slot = { plan: plans[parseInt(against.value, 10)]!, planned: against.value.endsWith("p") };
  // How it was goes to the left, how it is to the right.
  open(right.planned && right.plan === left.plan ? [right, left] : [left, right]);
}

function go(border: string, km: number): void {
  const board = boards[0];
  const place = board && placeOf(board.plan.scene, border, km);
  if (!board || !place) return;
  const view = board.map.getView();
  const near = Math.max(view.getZoom() ?? 5, 8.5);
  view.animate({ center: fromLonLat([place.lon, place.lat]), zoom: near, duration: 350 });
}

function showSite(id: string): void {
  const board = boards[0];
  const site = board?.state.sites.find((one) => one.id === id);
  if (!board || !site) return;
  host.choose(board, id);
  const view = board.map.getView();
  view.animate({ center: fromLonLat([site.lon, site.lat]), zoom: Math.max(view.getZoom() ?? 5, 9), duration: 300 });
}

/** Move the chosen site with the arrow keys, ten pixels at a time. */
function nudge(right: number, up: number): void {
  if (!chosen || chosen.board.planned) return;
  const { board, id } = chosen;
  const site = board.state.sites.find((one) => one.id === id);
  if (!site || board.plan.scene.sites.some((one) => one.id === id && one.fixed)) return;
  const step = 10 * (board.map.getView().getResolution() ?? 100);
  const lat = latDeg(mercatorY(site.lat) + up * step);
  void board.put(id, { lat, lon: lonDeg(mercatorX(site.lon) + right * step) });
}

async function keep(inFolder: boolean): Promise<void> {
  const board = active();
  if (!board) return;
  const { number, history } = board.plan;
  try {
    if (!inFolder) {
      const link = h("a", { href: URL.createObjectURL(await planFile(number, history.now.sites)), download: "plan.json" });
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      return;
    }
    const name = window.prompt("Name of the changed plan", `${board.plan.scene.folder} changed`);
    if (name) toast(`Kept as ${await savePlan(number, history.now.sites, name)}`);
  } catch (error) {
    toast(sentence(error), true);
  }
}

function listen(): void {
  window.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type !== "checkbox";
    if (typing || event.target instanceof HTMLSelectElement) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      step(key === "y" || event.shiftKey ? 1 : -1);
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (key in ARROWS && chosen) {
      event.preventDefault();
      nudge(...ARROWS[key]!);
    } else if (key === "c") {
      toggleCompare();
    } else if (key === "n") {
      night.click();
    } else if (key === "h") {
      boards[0]?.fit();
    } else if (key === "escape" && boards[0]) {
      host.choose(boards[0], null);
    }
  });
}

function say(words: string): void {
  status.textContent = words;
}

/** Say something short at the map's lower edge, and to a screen reader. */
function toast(text: string, bad = false): void {
  const element = h("div", { class: "toast", role: "status", "data-grade": bad ? "bad" : "good" }, text);
  maps.append(element);
  window.setTimeout(() => element.remove(), bad ? 8000 : 3000);
}

function button(words: string, hint: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", title: hint, onclick }, words);
}
