// Consents: how much of each is spent, when it holds, and whether it counts already.

import { h } from "../dom";
import type { Row, State } from "./client";
import { askFor } from "./forms";
import { type Sign, proposal, proposeConsent } from "./proposals";
import { unhex } from "./statement";
import { day } from "./words";

export function consentsPage(state: State, sign: Sign): Node[] {
  const open = state.proposals.filter((one) => one["state"] === "open");
  return [
    h("section", { class: "sheet" }, h("h2", {}, "Proposals to approve"),
      ...(open.length ? open.map((one) => proposal(one, sign)) : [h("p", { class: "soft" }, "None.")]),
      h("div", { class: "case-deeds" }, h("button", { type: "button", class: "primary", onclick: () => void proposeConsent(state, sign) }, "New consent…"))),
    h("section", { class: "sheet" }, h("h2", {}, `Consents (${state.consents.length})`),
      state.consents.length === 0 ? h("p", { class: "soft" }, "None: items go to nobody but those whom their agreement names.") : h("table", {},
        h("thead", {}, h("tr", {}, ...["consent", "opens", "for", "items", "spent", "holds", "signed by", "standing", ""].map((name) => h("th", {}, name)))),
        h("tbody", {}, ...state.consents.map((one) => row(one, state.now_ns, sign))))),
  ];
}

function row(one: Row, nowNs: number, sign: Sign): HTMLElement {
  const [quantity, used, held] = [Number(one["quantity"]), Number(one["used"]), Number(one["reserved"])];
  const [grade, words] = standing(one, nowNs);
  const names = (key: string) => ((one[key] ?? []) as string[]).join(", ");
  const buttons = Number(one["revoked"]) >= 0 ? [] : [
    one["assured"] ? null : h("button", { type: "button", onclick: () => void assure(one, sign) }, "Assure…"),
    h("button", { type: "button", onclick: () => void takeBack(one, sign) }, "Take back…")];
  return h("tr", { "data-consent": one.key },
    h("th", {}, one.key, h("div", { class: "soft" }, `${String(one["agreement"])}${one["case"] ? ` · case ${String(one["case"])}` : ""}`)),
    h("td", {}, names("kinds")), h("td", {}, String(one["recipient"]), h("div", { class: "soft" }, String(one["purpose"]))),
    h("td", {}, names("items")),
    h("td", {}, `${used} of ${quantity}${held ? `, ${held} offered` : ""}`, h("meter", { min: 0, max: quantity, value: used + held })),
    h("td", {}, `${day(Number(one["from_ns"]))} to ${day(Number(one["until_ns"]))}`), h("td", {}, names("signers")),
    h("td", {}, h("span", { class: "tag", "data-grade": grade }, words)), h("td", {}, h("span", { class: "case-deeds" }, ...buttons)));
}

/** How far a consent counts: only from the place in the ledger that witnesses confirmed. */
export function standing(one: Record<string, unknown>, nowNs: number): [string, string] {
  if (Number(one["revoked"]) >= 0) return ["bad", `taken back at #${String(one["revoked"])}`];
  if (Number(one["until_ns"]) <= nowNs) return ["bad", "its time is over"];
  if (Number(one["from_ns"]) > nowNs) return ["warn", "its time has not come"];
  if (Number(one["witnessed"]) < 0) return ["warn", "not witnessed yet"];
  if (!one["assured"]) return ["warn", "end use not assured"];
  return ["good", `counts from #${String(one["witnessed"])}`];
}

async function assure(one: Row, sign: Sign): Promise<void> {
  const told = await askFor(`End use under ${one.key}`, [{ name: "text", label: "We assure that", kind: "text" }], "Read it over");
  if (told) await sign("assure", { consent: one.key, text: told["text"]! });
}

async function takeBack(one: Row, sign: Sign): Promise<void> {
  const told = await askFor(`Take back ${one.key}`, [{ name: "why", label: "Why", kind: "text" }], "Read it over");
  if (told) await sign("revoke", { consent: unhex(String(one["leaf"])), why: told["why"]! }, [], `consent ${one.key} for ${String(one["recipient"])}`);
}
