// The card of the chosen site: what it adds, what could stand there or instead of it.

import { h } from "../dom";
import { latLon, metres } from "../words/format";
import type { Board } from "./board";
import { money, share } from "./words";

export function siteCard(board: Board, id: string): HTMLElement[] {
  const { scene } = board.plan;
  const site = board.state.sites.find((one) => one.id === id);
  if (!site) return [];
  const planned = scene.sites.find((one) => one.id === id);
  const fixed = planned?.fixed === true;
  const kit = scene.packages.find((one) => one.id === site.package);
  const facts: [string, string][] = [
    ["Adds", share(site.adds)],
    ["Alone", share(site.alone)],
    ["Place", latLon(site.lat, site.lon)],
    ["Ground", `${metres(site.ground)} m, mast ${kit?.mast ?? 0} m`],
    ["Price", kit ? money(kit.price, scene.currency) : "–"],
  ];
  return [
    h("h2", {}, id),
    h("dl", { class: "plan-facts" }, ...facts.flatMap(([words, value]) => [h("dt", {}, words), h("dd", {}, value)])),
    ...site.warnings.map((words) => h("p", { class: "plan-caution" }, words)),
    ...(board.planned ? [] : fixed ? [h("p", { class: "plan-soft" }, "Stands already: it cannot be moved.")] : changes(board, id, site.package)),
  ];
}

function changes(board: Board, id: string, now: string): HTMLElement[] {
  const { scene } = board.plan;
  const select = h("select", { "aria-label": "package of this site" },
    ...scene.packages.map((one) => h("option", { value: one.id, selected: one.id === now }, one.id)));
  select.addEventListener("change", () => void board.put(id, { package: select.value }));
  const remove = h("button", { type: "button", onclick: () => void board.remove(id) }, "Remove");
  const known = new Set(board.state.sites.map((one) => one.id));
  const planned = scene.sites.find((one) => one.id === id);
  const instead = (planned?.alternatives ?? []).filter((one) => one.lat !== null && one.lon !== null && !known.has(one.id)).slice(0, 3);
  return [
    h("div", { class: "plan-row" }, select, remove),
    ...instead.map((one) => {
      const take = () => void board.put(id, { id: one.id, lat: one.lat!, lon: one.lon!, package: one.package }, `${one.id} instead of ${id}`);
      return h("div", { class: "plan-row plan-soft" },
        h("button", { type: "button", onclick: take }, `Take ${one.id} instead`), `loses ${share(one.loses)} by the plan`);
    }),
  ];
}
