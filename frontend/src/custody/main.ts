// The custody officer's page: what is due, what waits for me, cases, items, consents, release.

import "../style/page.css";
// All pages share these three, in this order: what only some of them took would be loaded apart,
// and the rules for small screens would come before those that they change.
import "../style/night.css";
import "../style/map.css";
import "../style/custody.css";
import { h, mark } from "../dom";
import { casePage, openCase } from "./casePage";
import { type Cases, type State, fetchCase, fetchCases, fetchState } from "./client";
import { itemTree } from "./items";
import { emergencies } from "./deeds";
import { type Identity, identity } from "./keep";
import { overview } from "./overview";
import type { Sign } from "./proposals";
import { consentsPage } from "./consents";
import { releasePage } from "./release";
import { askWho, confirmAndSign } from "./signing";
import { makeAct } from "./statement";
import { table } from "./tables";
import { until } from "./words";

const TABS = ["overview", "cases", "items", "consents", "parties", "release"] as const;
type Tab = (typeof TABS)[number];
const AGAIN_MS = 4000;

let me: Identity | null = null;
let state: State | null = null;
let cases: Cases | null = null;
let tab: Tab = "overview";
let chosen: string | null = null;
let drawn = "";

const who = h("button", { type: "button", onclick: () => void chooseWho(), title: "who signs here (W)" }, "Who signs here?");
const chips = h("div", { class: "chips", role: "status" });
const tabs = TABS.map((name, i) => h("button", { type: "button", role: "tab", "data-tab": name, title: `${name} (${i + 1})`, onclick: () => turnTo(name) }, name));
const main = h("main", { class: "custody-main", id: "content" });
document.body.classList.add("custody-page");
document.body.append(
  h("header", { class: "bar" },
    h("div", { class: "brand" }, h("strong", {}, "Steppewatch"), h("span", { class: "mode", "data-mode": "custody" }, "CUSTODY")),
    h("nav", { class: "custody-tabs", role: "tablist" }, ...tabs), chips,
    h("div", { class: "bar-buttons" }, h("a", { href: "./capture.html" }, "Inventory"), who)),
  main,
);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest("input, textarea, select, dialog")) return;
  const at = Number(event.key) - 1;
  if (TABS[at]) turnTo(TABS[at]);
  else if (event.key === "w") void chooseWho();
  else if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
});
void begin();

async function begin(): Promise<void> {
  me = await identity().catch(() => null);
  for (;;) {
    await refresh();
    await new Promise((done) => window.setTimeout(done, AGAIN_MS));
  }
}

async function refresh(force = false): Promise<void> {
  try {
    [state, cases] = await Promise.all([fetchState(state), fetchCases()]);
  } catch (error) {
    chips.replaceChildren(h("span", { class: "chip", "data-grade": "bad" }, (error as Error).message));
    return;
  }
  tellBar(state);
  const now = `${state.ledger.size}/${tab}/${chosen}/${me?.id}/${Math.floor(state.now_ns / 60e9)}`;
  if (force || now !== drawn) {
    drawn = now;
    await draw();
  }
}

function tellBar({ ledger }: State): void {
  const seen = ledger.witnessed.size;
  chips.replaceChildren(
    h("span", { class: "chip", "data-grade": seen && ledger.size - seen <= 100 ? "good" : "warn" }, `${ledger.size} statements, ${seen ? `the first ${seen}` : "none"} witnessed`));
  who.textContent = me ? me.id : "Who signs here?";
  mark(who, "data-set", me ? "true" : null);
}

function turnTo(name: Tab): void {
  tab = name;
  void refresh(true);
}

async function chooseWho(): Promise<void> {
  me = await askWho(me);
  await refresh(true);
}

const sign: Sign = async (kind, body, refs = [], about = "", long = "") => {
  if (!me) await chooseWho();
  if (me && (await confirmAndSign(me, makeAct(kind, me.id, body, refs), about, long))) await refresh(true);
};

async function draw(): Promise<void> {
  if (!state || !cases) return;
  for (const one of tabs) mark(one, "aria-selected", String(one.dataset["tab"] === tab));
  if (tab === "overview") main.replaceChildren(...overview(state, cases, me?.id ?? null, go, sign));
  else if (tab === "items") main.replaceChildren(itemTree(state, sign));
  else if (tab === "consents") main.replaceChildren(...consentsPage(state, sign));
  else if (tab === "parties") main.replaceChildren(...parties(state));
  else if (tab === "release") main.replaceChildren(...(await releasePage(() => refresh(true))), emergencies(state, sign));
  else await drawCases(cases);
}

async function drawCases(told: Cases): Promise<void> {
  const mine = me ? told.queues[me.id] ?? [] : [];
  if (chosen === null) chosen = mine[0]?.case ?? told.cases[0]?.id ?? null;
  const list = h("aside", { class: "case-list", "aria-label": "cases" },
    h("div", { class: "case-deeds" }, h("button", { type: "button", onclick: () => void openCase(sign, (state?.agreements ?? []).map((one) => one.key), told.now_ns) }, "New case…")),
    h("h3", {}, me ? `In ${me.id}'s queue (${mine.length})` : "Say who you are to see your queue"),
    ...mine.map((entry) => line(entry.case, `${entry.title}: ${entry.why}`, entry.due_ns, told.now_ns, "queue")),
    h("h3", {}, `All cases (${told.cases.length})`),
    ...told.cases.map((one) => line(one.id, `${one.title} · ${one.stage_words}`, one.due_ns, told.now_ns, "all", one.blocking)));
  const whole = chosen === null ? null : await fetchCase(chosen).catch(() => null);
  const detail = h("article", { class: "case", "aria-label": "case" },
    ...(whole ? casePage(whole, told.now_ns, mine.find((one) => one.case === whole.id), sign) : [h("p", { class: "soft" }, "No case yet.")]));
  main.replaceChildren(h("div", { class: "cases" }, list, detail));
}

function line(id: string, words: string, due: number | null, now: number, kind: string, blocking: string[] = []): HTMLElement {
  const late = due !== null && due < now;
  return h("button", { type: "button", class: "case-line", "data-kind": kind, "aria-current": id === chosen ? "true" : undefined, onclick: () => go(id) },
    h("strong", {}, id), h("span", { class: "due", "data-grade": late ? "bad" : "" }, until(due, now)),
    h("span", { class: "soft" }, words), ...blocking.map((flag) => h("span", { class: "tag", "data-grade": "bad" }, flag)));
}

function go(id: string): void {
  chosen = id;
  turnTo("cases");
}

function walk(by: number): void {
  const ids = cases?.cases.map((one) => one.id) ?? [];
  const at = ids.indexOf(chosen ?? "") + by;
  if (ids[at]) go(ids[at]);
}

function parties({ persons, organisations, agreements, sites, now_ns }: State): HTMLElement[] {
  const people = persons.map((one) => ({ ...one, standing: one["revoked"] ? "key revoked" : "" }));
  const papers = agreements.map((one) => ({ ...one, standing: one["ended"] ? "ended; what survives is in force" : "in force" }));
  return [
    table("Agreements", papers, ["id", "title", "origin", "recipient", "source", "standing"], now_ns),
    table("Persons", people, ["id", "name", "org", "nation", "roles", "level", "standing"], now_ns),
    table("Organisations", organisations, ["id", "title", "nation", "kind", "part_of"], now_ns),
    table("Sites", sites, ["id", "title", "org", "nation", "certified_until_ns"], now_ns),
  ];
}
