// The keys, on one page.

import { h } from "../dom";

export const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ["J / K", "next / previous track"],
  ["A", "next waiting alert"],
  ["Space or Enter", "acknowledge that alert"],
  ["F", "follow the selected track"],
  ["C", "centre the selected track"],
  ["Esc", "let go: coverage, measuring, selection, this page"],
  ["H", "home view"],
  ["+ / −", "zoom"],
  ["Arrows", "move the map"],
  ["/", "filter the track list"],
  ["L", "labels"],
  ["T", "tails (where tracks were, 5 min)"],
  ["V", "vectors (where they will be in 1 min)"],
  ["P", "plots (raw detections, 15 s)"],
  ["R", "sensor range rings"],
  ["S", "symbols: automatic, always, points"],
  ["M", "measure distance and bearing"],
  ["O", "coverage: what a sensor here would see; Enter for the middle of the map"],
  ["[ / ]", "coverage: lower / higher target"],
  ["N", "red light for the night"],
  ["?", "this page"],
];

export function helpDialog(legend: HTMLElement): HTMLDialogElement {
  const list = h("dl", { class: "keys" });
  for (const [keys, meaning] of KEYS) list.append(h("dt", {}, keys), h("dd", {}, meaning));
  const dialog = h("dialog", { class: "dialog help", "aria-label": "keys and symbols" });
  dialog.append(
    h("div", { class: "dialog-head" }, h("h2", {}, "Keys and symbols"), h("button", { type: "button", class: "small", onclick: () => dialog.close() }, "Close")),
    h("div", { class: "help-columns" }, list, legend),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}
