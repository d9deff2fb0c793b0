// Items as a tree: what is fitted into what, who holds it where, and everything that happened to it.

import { h } from "../dom";
import type { Row } from "./client";
import { day, until } from "./words";

const COLUMNS = ["item", "what", "holder", "site", "state", "seen", "inventory due"];

export function itemTree(rows: readonly Row[], nowNs: number): HTMLElement {
  const under = new Map<string, Row[]>();
  const known = new Set(rows.map((row) => row.key));
  for (const row of rows) {
    const parent = known.has(String(row["inside"] ?? "")) ? String(row["inside"]) : "";
    under.set(parent, [...(under.get(parent) ?? []), row]);
  }
  const lines: HTMLElement[] = [];
  const lay = (parent: string, deep: number): void => {
    for (const row of under.get(parent) ?? []) {
      lines.push(...itemRow(row, deep, nowNs));
      lay(row.key, deep + 1);
    }
  };
  lay("", 0);
  return h("section", { class: "sheet" }, h("h2", {}, `Items (${rows.length})`),
    h("table", {}, h("thead", {}, h("tr", {}, ...COLUMNS.map((name) => h("th", {}, name)))), h("tbody", {}, ...lines)));
}

function itemRow(row: Row, deep: number, nowNs: number): HTMLElement[] {
  const due = Number(row["due_ns"]);
  const suspended = String(row["suspended"] ?? "");
  const past = h("td", { colspan: COLUMNS.length });
  const below = h("tr", { hidden: true }, past);
  const open = h("button", { type: "button", class: "unfold", style: `margin-left:${deep * 18}px`, "aria-expanded": "false" }, row.key);
  open.addEventListener("click", () => {
    below.hidden = !below.hidden;
    open.setAttribute("aria-expanded", String(!below.hidden));
    if (!below.hidden) void tell(row.key, past);
  });
  const cells = [String(row["title"] ?? ""), String(row["holder"] ?? ""), String(row["site"] ?? "") || "–"].map((text) => h("td", {}, text));
  return [h("tr", { "data-item": row.key }, h("td", {}, open), ...cells,
    h("td", {}, h("span", { class: "tag", "data-grade": suspended ? "bad" : "" }, suspended ? "suspended" : String(row["state"] ?? "")), suspended ? ` ${suspended}` : ""),
    h("td", {}, day(Number(row["seen_ns"]))),
    h("td", { "data-grade": due < nowNs ? "bad" : undefined }, due > 9e18 ? "–" : `${day(due)} ${until(due, nowNs)}`)), below];
}

async function tell(uid: string, into: HTMLElement): Promise<void> {
  const answer = await fetch(`./api/v1/custody/items/${uid.split("/").map(encodeURIComponent).join("/")}`);
  const told = (await answer.json()) as { history?: [number, string, string][] };
  into.replaceChildren(h("ol", { class: "history" }, ...(told.history ?? []).map(([position, kind, text]) => h("li", {}, h("span", { class: "soft" }, `#${position} ${kind} `), text))));
}
