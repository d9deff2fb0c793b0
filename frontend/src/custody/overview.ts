// The overview: what is late, what waits for whom, what is suspended, and how the ledger stands.

import { h } from "../dom";
import type { Cases, Row, State } from "./client";
import type { Sign } from "./casePage";
import { answerInspection, answerOffer } from "./deeds";
import { day, until } from "./words";

interface Host {
  go(id: string): void;
  approve(leaf: string, yes: boolean, about: string): Promise<void>;
  sign: Sign;
}

export function overview(state: State, cases: Cases, me: string | null, { go, approve, sign }: Host): Node[] {
  const now = state.now_ns;
  const due = state.items.filter((item) => Number(item["due_ns"]) < now + 30 * 86_400e9).sort((a, b) => Number(a["due_ns"]) - Number(b["due_ns"]));
  const late = due.filter((item) => Number(item["due_ns"]) < now);
  const suspended = state.items.filter((item) => Boolean(item["suspended"]));
  const open = cases.cases.filter((one) => one.open);
  const lateCases = cases.cases.filter((one) => one.due_ns !== null && one.due_ns < now);
  const waiting = (state.inspections ?? []).filter((one) => !one["answered"]);
  const seen = state.ledger.witnessed as Record<string, unknown> | null;
  return [
    h("div", { class: "figures" },
      figure("inventories late", late.length, late.length ? "bad" : "good"),
      figure("inventories due in 30 days", due.length - late.length, "") ,
      figure("cases open", open.length, ""), figure("cases late", lateCases.length, lateCases.length ? "bad" : "good"),
      figure("inspections unanswered", waiting.length, waiting.length ? "warn" : "good"),
      figure("items suspended", suspended.length, suspended.length ? "bad" : "good")),
    h("div", { class: "cards" },
      card("Inventory due", due.map((item) => entry(item.key, `${item["title"] ?? ""} · ${item["site"] ?? item["holder"] ?? ""}`, until(Number(item["due_ns"]), now), Number(item["due_ns"]) < now))),
      card(me ? `Waits for ${me}` : "Waits for whom", me
        ? (cases.queues[me] ?? []).map((one) => entry(one.case, `${one.title}: ${one.why}`, until(one.due_ns, now), (one.due_ns ?? Infinity) < now, () => go(one.case)))
        : Object.entries(cases.queues).filter(([, queue]) => queue.length).map(([name, queue]) => entry(name, queue[0]!.why, `${queue.length}`, false))),
      card("Proposals to approve", (state.proposals ?? []).filter((one) => one["state"] === "open").map((one) => proposal(one, approve))),
      card("Inspections", waiting.map((one) => withDeeds(entry(((one["items"] ?? []) as string[]).join(", "), String(one["text"] ?? ""), until(Number(one["due_ns"] ?? 0) || null, now), Number(one["due_ns"] ?? Infinity) < now), ["Answer…", () => void answerInspection(one, sign)]))),
      card("Offers that wait", (state.offers ?? []).filter((one) => one["state"] === "open").map((one) => withDeeds(
        entry(((one["items"] ?? []) as string[]).join(", "), `${String(one["giver"])} to ${String(one["to"])} at ${String(one["site"])}, purpose ${String(one["purpose"])}`, "", false),
        ["Accept…", () => void answerOffer(one, true, sign)], ["Decline…", () => void answerOffer(one, false, sign)]))),
      card("Notices", (state.notices ?? []).slice(-8).reverse().map((one) => entry(String(one["kind"] ?? one["to"] ?? one.key), String(one["text"] ?? one["is"] ?? ""), "", false))),
      h("section", { class: "card" }, h("h3", {}, "Ledger"),
        h("dl", {}, h("dt", {}, "statements"), h("dd", {}, String(state.ledger.size)), h("dt", {}, "root"), h("dd", {}, h("code", {}, state.ledger.root.slice(0, 24))),
          h("dt", {}, "witnessed"), h("dd", {}, seen ? `to ${String(seen["size"])}${seen["at_ns"] ? ` on ${day(Number(seen["at_ns"]))}` : ""}${Array.isArray(seen["by"]) ? ` by ${(seen["by"] as string[]).join(", ")}` : ""}` : "not yet: a consent counts only when it is"))),
    ),
  ];
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

function proposal(one: Row, approve: (leaf: string, yes: boolean, about: string) => Promise<void>): HTMLElement {
  const leaf = String(one["leaf"] ?? one.key);
  const said = Object.entries((one["body"] ?? {}) as Record<string, unknown>).map(([name, value]) => `${name.replace(/_ns$/, "")} ${shown(name, value)}`).join(" · ");
  const about = `proposed by ${String(one["by"])}: ${String(one["kind"])} · ${said}`;
  const signed = ((one["approved"] ?? []) as string[]).join(", ");
  return h("div", { class: "case-line" }, h("strong", {}, String(one["kind"] ?? "proposal")), h("span", { class: "due" }, `by ${String(one["by"] ?? "?")}`),
    h("span", { class: "soft" }, `${said.slice(0, 240)}${signed ? ` · approved by ${signed}` : ""}${one["needs"] ? ` · needs ${String(one["needs"])}` : ""}`),
    h("span", { class: "case-deeds" }, h("button", { type: "button", onclick: () => void approve(leaf, true, about) }, "Approve…"), h("button", { type: "button", onclick: () => void approve(leaf, false, about) }, "Reject…")));
}

function shown(name: string, value: unknown): string {
  if (name.endsWith("_ns")) return day(Number(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
