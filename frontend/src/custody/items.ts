// Items as a tree: what is fitted into what, who holds it where, and everything that happened to it.

import { h } from "../dom";
import type { Row, State } from "./client";
import { askFor } from "./forms";
import { type Sign, choice } from "./proposals";
import { day, until } from "./words";

const unfolded = new Set<string>(); // stays open when the page is drawn again
const COLUMNS = ["item", "what", "holder", "site", "state", "seen", "inventory due"];

export function itemTree(state: State, sign: Sign): HTMLElement {
  const rows = state.items;
  const under = new Map<string, Row[]>();
  const known = new Set(rows.map((row) => row.key));
  for (const row of rows) {
    const parent = known.has(String(row["inside"] ?? "")) ? String(row["inside"]) : "";
    under.set(parent, [...(under.get(parent) ?? []), row]);
  }
  const lines: HTMLElement[] = [];
  const lay = (parent: string, deep: number): void => {
    for (const row of under.get(parent) ?? []) {
      lines.push(...itemRow(row, deep, state, sign));
      lay(row.key, deep + 1);
    }
  };
  lay("", 0);
  return h("section", { class: "sheet" }, h("h2", {}, `Items (${rows.length})`),
    h("table", {}, h("thead", {}, h("tr", {}, ...COLUMNS.map((name) => h("th", {}, name)))), h("tbody", {}, ...lines)));
}

function itemRow(row: Row, deep: number, state: State, sign: Sign): HTMLElement[] {
  const nowNs = state.now_ns;
  const due = Number(row["due_ns"]);
  const suspended = String(row["suspended"] ?? "");
  const past = h("td", { colspan: COLUMNS.length });
  const below = h("tr", { hidden: !unfolded.has(row.key) }, past);
  const open = h("button", { type: "button", class: "unfold", style: `margin-left:${deep * 18}px`, "aria-expanded": String(!below.hidden) }, row.key);
  open.addEventListener("click", () => {
    below.hidden = !below.hidden;
    open.setAttribute("aria-expanded", String(!below.hidden));
    if (below.hidden) unfolded.delete(row.key);
    else void tell(row, past, state, sign);
  });
  if (!below.hidden) void tell(row, past, state, sign);
  const cells = [String(row["title"] ?? ""), String(row["holder"] ?? ""), String(row["site"] ?? "") || "–"].map((text) => h("td", {}, text));
  return [h("tr", { "data-item": row.key }, h("td", {}, open), ...cells,
    h("td", {}, h("span", { class: "tag", "data-grade": suspended ? "bad" : "" }, suspended ? "suspended" : String(row["state"] ?? "")), suspended ? ` ${suspended}` : ""),
    h("td", {}, day(Number(row["seen_ns"]))),
    h("td", { "data-grade": due < nowNs ? "bad" : undefined }, due > 9e18 ? "–" : `${day(due)} ${until(due, nowNs)}`)), below];
}

async function tell(row: Row, into: HTMLElement, state: State, sign: Sign): Promise<void> {
  unfolded.add(row.key);
  const answer = await fetch(`./api/v1/custody/items/${row.key.split("/").map(encodeURIComponent).join("/")}`);
  const told = (await answer.json()) as { history?: [number, string, string][] };
  const button = (words: string, work: (uid: string, sign: Sign, state: State) => Promise<void>) => h("button", { type: "button", onclick: () => void work(row.key, sign, state) }, words);
  into.replaceChildren(
    h("p", { class: "soft" }, `given by ${String(row["origin"])} under ${((row["terms"] ?? []) as string[]).join(", ")}${row["sensor"] ? ` · sensor ${String(row["sensor"])}` : ""}${row["lender"] ? ` · lent by ${String(row["lender"])} until ${day(Number(row["return_by_ns"]))}` : ""}`),
    h("ol", { class: "history" }, ...(told.history ?? []).map(([position, kind, text]) => h("li", {}, h("span", { class: "soft" }, `#${position} ${kind} `), text))),
    h("span", { class: "case-deeds" }, button("Offer…", offer), button("Report…", report), button("Suspect misuse…", suspect), button("Inspect…", inspect)));
}

async function offer(uid: string, sign: Sign, state: State): Promise<void> {
  const told = await askFor(`Offer ${uid}`, [choice("to", "To", state.organisations), choice("site", "Site", state.sites),
    { name: "purpose", label: "Purpose", kind: "text" },
    { name: "consent", label: "Consent", kind: "choice", options: [["", "none: the agreement allows it"], ...state.consents.map((one) => [one.key, one.key] as const)] }], "Read it over");
  if (told) await sign("offer", { items: [uid], to: told["to"]!, site: told["site"]!, purpose: told["purpose"]!, ...(told["consent"] ? { consent: told["consent"] } : {}) });
}

async function report(uid: string, sign: Sign): Promise<void> {
  const told = await askFor(`Report on ${uid}`, [
    { name: "what", label: "It is", kind: "choice", options: ["lost", "stolen", "damaged", "destroyed"].map((word) => [word, word] as const) },
    { name: "text", label: "What happened", kind: "text" }], "Read it over");
  if (told) await sign("report", { item: uid, what: told["what"]!, text: told["text"]!, captured_ns: BigInt(Date.now()) * 1_000_000n });
}

async function suspect(uid: string, sign: Sign): Promise<void> {
  const told = await askFor(`Suspect misuse of ${uid}`, [{ name: "text", label: "What is suspected", kind: "text" }], "Read it over");
  if (told) await sign("suspect", { items: [uid], text: told["text"]! });
}

async function inspect(uid: string, sign: Sign): Promise<void> {
  const told = await askFor(`Ask to inspect ${uid}`, [{ name: "text", label: "What is asked", kind: "text" }], "Read it over");
  if (told) await sign("inspect", { items: [uid], text: told["text"]! });
}
