// The overview: what is late, what waits for whom, what was refused, and how the ledger stands.

import { h } from "../dom";
import type { Cases, Clock, Row, State } from "./client";
import { answerInspection, answerOffer } from "./deeds";
import { type Sign, proposal } from "./proposals";
import { day, until } from "./words";

const LATEST = 6;

export function overview(state: State, cases: Cases, me: string | null, go: (id: string) => void, sign: Sign): Node[] {
  const now = state.now_ns;
  const late = state.clocks.filter((one) => one.due_ns <= now);
  const suspended = state.items.filter((item) => Boolean(item["suspended"]));
  const open = cases.cases.filter((one) => one.open);
  const lateCases = cases.cases.filter((one) => one.due_ns !== null && one.due_ns < now);
  const waiting = state.inspections.filter((one) => !one["answered"]);
  const proposals = state.proposals.filter((one) => one["state"] === "open");
  const offers = state.offers.filter((one) => one["state"] === "open");
  return [
    h("div", { class: "figures" },
      figure("duties late", late.length, late.length ? "bad" : "good"),
      figure("due in 60 days", state.clocks.length - late.length, ""),
      figure(lateCases.length ? `cases open, ${lateCases.length} late` : "cases open", open.length, lateCases.length ? "bad" : ""),
      figure("proposals to approve", proposals.length, proposals.length ? "warn" : "good"),
      figure("items suspended", suspended.length, suspended.length ? "bad" : "good"),
      figure("attempts refused", state.refusals.length, state.refusals.length ? "warn" : "good")),
    h("div", { class: "cards" },
      card("Proposals to approve", proposals.map((one) => proposal(one, sign))),
      card("Due", state.clocks.map((one) => clock(one, now))),
      card(me ? `Cases that wait for ${me}` : "Cases that wait", me
        ? (cases.queues[me] ?? []).map((one) => entry(one.case, `${one.title}: ${one.why}`, until(one.due_ns, now), (one.due_ns ?? Infinity) < now, () => go(one.case)))
        : Object.entries(cases.queues).filter(([, queue]) => queue.length).map(([name, queue]) => entry(name, queue[0]!.why, `${queue.length}`, false))),
      card("Offers that wait", offers.map((one) => withDeeds(
        entry(names(one, "items"), `${String(one["giver"])} to ${String(one["to"])} at ${String(one["site"])}, purpose ${String(one["purpose"])}${one["consent"] ? `, under consent ${String(one["consent"])}` : ""}`, "", false),
        ["Accept…", () => void answerOffer(one, true, sign)], ["Decline…", () => void answerOffer(one, false, sign)]))),
      card("Inspections", waiting.map((one) => withDeeds(entry(names(one, "items"), `${String(one["by"])}: ${String(one["text"])}`, until(Number(one["due_ns"]), now), Number(one["due_ns"]) < now), ["Answer…", () => void answerInspection(one, sign)]))),
      card("Suspended", suspended.map((item) => entry(item.key, String(item["suspended"]), String(item["holder"]), true))),
      card("Refused attempts", latest(state.refusals).map(refusal)),
      card("Notices", latest(state.notices.filter((one) => one["kind"] !== "refused")).map((one) => entry(String(one["kind"]), `${String(one["text"])} · to ${names(one, "to")}`, day(Number(one["at_ns"])), false))),
      ledgerCard(state)),
  ];
}

function ledgerCard({ ledger, now_ns }: State): HTMLElement {
  const seen = ledger.witnessed;
  const words = seen.size ? `the first ${seen.size}, ${age(now_ns - seen.at_ns)} ago` : "nothing: a consent counts only once it is";
  const rows: [string, string | Node][] = [
    ["log", ledger.log], ["statements", String(ledger.size)], ["root", h("code", {}, ledger.root.slice(0, 32))],
    ["witnessed", words], ["by", seen.by.join(", ") || "nobody"],
    ["witnesses", ledger.witnesses.length ? `${ledger.witnesses.join(", ")}; ${ledger.quorum} are enough` : "none"],
  ];
  return h("section", { class: "card" }, h("h3", {}, "Ledger"), h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

function age(ns: number): string {
  const minutes = Math.max(0, ns / 60e9);
  if (minutes < 90) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

function clock(one: Clock, now: number): HTMLElement {
  return entry(one.about, `${one.what} of ${one.of}, ${day(one.due_ns)}`, until(one.due_ns, now), one.due_ns <= now);
}

function refusal(one: Row): HTMLElement {
  const reasons = ((one["why"] ?? []) as string[]).flatMap((text) => text.split("; "));
  return h("div", { class: "case-line" }, h("strong", {}, `${String(one["by"])}: ${String(one["kind"])}`), h("span", { class: "due" }, `#${String(one["position"])}`),
    h("ul", { class: "soft reasons" }, ...reasons.map((text) => h("li", {}, text))));
}

function latest(rows: readonly Row[]): Row[] {
  return rows.slice(-LATEST).reverse();
}

function names(one: Row, key: string): string {
  return ((one[key] ?? []) as string[]).join(", ");
}

function figure(words: string, value: number, grade: string): HTMLElement {
  return h("div", { class: "figure", "data-grade": grade }, h("strong", {}, String(value)), h("span", {}, words));
}

function card(title: string, rows: Node[]): HTMLElement {
  return h("section", { class: "card" }, h("h3", {}, title), ...(rows.length ? rows : [h("p", { class: "soft" }, "Nothing.")]));
}

function entry(name: string, words: string, when: string, late: boolean, onclick?: () => void): HTMLElement {
  const parts = [h("strong", {}, name), h("span", { class: "due", "data-grade": late ? "bad" : "" }, when), h("span", { class: "soft" }, words)];
  return onclick ? h("button", { type: "button", class: "case-line", onclick }, ...parts) : h("div", { class: "case-line" }, ...parts);
}

function withDeeds(row: HTMLElement, ...deeds: [string, () => void][]): HTMLElement {
  row.append(h("span", { class: "case-deeds" }, ...deeds.map(([words, onclick]) => h("button", { type: "button", onclick }, words))));
  return row;
}
