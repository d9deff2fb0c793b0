// One case: what was asked, what stands against it, who advised what, and what I can do now.

import { h } from "../dom";
import type { AdviceRow, QueueEntry, Whole } from "./client";
import { askFor, lines } from "./forms";
import { type Sign, moment } from "./proposals";
import { unhex } from "./statement";
import { day, until } from "./words";

export function casePage(one: Whole, nowNs: number, mine: QueueEntry | undefined, sign: Sign): Node[] {
  const closed = !one.open;
  const late = one.due_ns !== null && one.due_ns < nowNs;
  return [
    h("header", { class: "case-head" },
      h("h2", {}, `${one.id} · ${one.title}`),
      h("p", { class: "soft" }, `${one.asked}, under ${one.agreement}: ${one.quantity} for ${one.recipient}, purpose ${one.purpose}, ${day(one.from_ns)} to ${day(one.until_ns)}; asked by ${one.opened_by}`),
      h("p", { class: "case-stage", "data-grade": late ? "bad" : closed ? "" : "warn" }, `${one.stage_words}${one.due_ns === null ? "" : `, ${until(one.due_ns, nowNs)}`}${one.round > 1 ? ` · round ${one.round}` : ""}`),
      mine ? h("p", { class: "case-mine" }, `In your queue: ${mine.why}.`) : null),
    deeds(one, sign),
    h("section", {}, h("h3", {}, "Against an approval"),
      ...(closed ? [h("p", { class: "soft" }, "The case is decided.")] : one.obstacles.length === 0 ? [h("p", { class: "good" }, "Nothing stands against it.")] : [h("ul", { class: "obstacles" }, ...one.obstacles.map((text) => h("li", {}, text)))])),
    h("section", {}, h("h3", {}, "Checks"), h("table", {}, h("tbody", {}, ...Object.entries(one.check_questions).map(([name, question]) => checkRow(one, name, question))))),
    h("section", {}, h("h3", {}, "Advice of each party"), matrix(one, sign)),
    one.flags.length ? h("section", {}, h("h3", {}, "Flags"), ...one.flags.map((flag) => h("p", {}, h("span", { class: "tag", "data-grade": flag.lifted_by ? "" : flag.blocks ? "bad" : "warn" }, flag.flag), ` ${flag.lifted_by ? `lifted by ${flag.lifted_by}` : `set by ${flag.raised_by}`}: ${flag.text}`))) : h("section", { hidden: true }),
    one.licences.length ? h("section", {}, h("h3", {}, "Licence"), ...one.licences.map((each) => h("p", {}, `${each.consent}: ${each.used} of ${each.quantity} used `, h("meter", { min: 0, max: each.quantity, value: each.used })))) : h("section", { hidden: true }),
    h("section", {}, h("h3", {}, "History"), h("ol", { class: "history" }, ...one.history.map((step) => h("li", {}, h("span", { class: "soft" }, `#${step.position} ${day(step.at_ns)} ${step.by} `), step.text)))),
  ];
}

function checkRow(one: Whole, name: string, question: string): HTMLElement {
  const last = one.checks[name]?.at(-1);
  const grade = last?.result === "clear" ? "good" : last?.result === "match" ? "bad" : "warn";
  return h("tr", {}, h("th", {}, name), h("td", { class: "soft" }, question),
    h("td", {}, h("span", { class: "tag", "data-grade": grade }, last?.result ?? "not done")),
    h("td", {}, last ? `${last.by}${last.text ? `: ${last.text}` : ""}` : ""));
}

/** Rows: what advice is about. Columns: the nations of the agreement. Voided advice is struck out. */
function matrix(one: Whole, sign: Sign): HTMLElement {
  const cell = (nation: string, about: string) => {
    const found = one.advice.filter((each) => each.nation === nation && each.about === about);
    return h("td", {}, ...(found.length ? found.map((each) => adviceBox(each, one, sign)) : [h("span", { class: "soft" }, "–")]));
  };
  return h("table", { class: "matrix" },
    h("thead", {}, h("tr", {}, h("th", {}, "about"), ...one.parties.map((nation) => h("th", {}, nation + (nation === one.origin ? " (gives, decides)" : ""))))),
    h("tbody", {}, ...one.about.map((about) => h("tr", {}, h("th", {}, about), ...one.parties.map((nation) => cell(nation, about))))));
}

function adviceBox(each: AdviceRow, one: Whole, sign: Sign): HTMLElement {
  const grade = !each.valid ? "" : each.verdict === "refuse" || each.contested ? "bad" : each.countersigned ? "good" : "warn";
  const second = each.countersigns.map((by) => `${by.agree ? "agreed" : "not agreed"}: ${by.by}`).join(", ");
  const open = each.valid && one.open && !each.countersigned;
  const give = (agree: boolean) => void sign("case.countersign", { case: one.id, agree, text: "" }, [unhex(each.leaf)], `${each.verdict}, advised by ${each.by} (${each.org}) about ${each.about}${each.conditions.length ? `, if: ${each.conditions.join("; ")}` : ""}`);
  return h("div", { class: "advice", "data-void": each.valid ? undefined : "true" },
    h("span", { class: "tag", "data-grade": grade }, each.verdict),
    ` ${each.by} (${each.org})${each.text ? `: ${each.text}` : ""}`,
    ...each.conditions.map((text) => h("div", { class: "condition" }, `condition: ${text}`)),
    h("div", { class: "soft" }, each.valid ? second || "no second signature yet" : "no longer counts"),
    open ? h("div", { class: "case-deeds" }, h("button", { type: "button", onclick: () => give(true) }, "Countersign"), h("button", { type: "button", onclick: () => give(false) }, "Disagree")) : null);
}

function deeds(one: Whole, sign: Sign): HTMLElement {
  const button = (words: string, work: () => Promise<void>, main = false) => h("button", { type: "button", class: main ? "primary" : undefined as never, onclick: () => void work() }, words);
  if (!one.open) return h("div", { class: "case-deeds" }, button("Re-open…", () => reopen(one, sign)));
  return h("div", { class: "case-deeds" },
    button("Check…", () => check(one, sign), one.stage === "checks"),
    button("Advise…", () => advise(one, sign), one.stage === "advice"),
    button("Flag…", () => flag(one, sign)),
    button("Decide…", () => decide(one, sign), one.stage === "decision"));
}

async function check(one: Whole, sign: Sign): Promise<void> {
  const open = Object.keys(one.check_questions).sort((a, b) => Number(one.checks[a]?.at(-1)?.result === "clear") - Number(one.checks[b]?.at(-1)?.result === "clear"));
  const told = await askFor(`Check on ${one.id}`, [
    { name: "check", label: "Check", kind: "choice", options: open.map((name) => [name, `${name}: ${one.check_questions[name]}`]) },
    { name: "result", label: "Result", kind: "choice", options: [["clear", "clear"], ["match", "match: something was found"], ["open", "still open"]] },
    { name: "text", label: "What was found", kind: "text" },
  ], "Read it over");
  if (told) await sign("case.check", { case: one.id, check: told["check"]!, result: told["result"]!, text: told["text"]! });
}

async function advise(one: Whole, sign: Sign): Promise<void> {
  const told = await askFor(`Advice on ${one.id}`, [
    { name: "about", label: "About", kind: "choice", options: one.about.map((name) => [name, name]) },
    { name: "verdict", label: "Verdict", kind: "choice", options: [["approve", "approve"], ["proviso", "approve with conditions"], ["refuse", "refuse"]] },
    { name: "conditions", label: "Conditions, one a line", kind: "lines" },
    { name: "text", label: "Reasons", kind: "text" },
  ], "Read it over");
  if (told) await sign("case.advice", { case: one.id, about: told["about"]!, verdict: told["verdict"]!, conditions: lines(told["conditions"]), text: told["text"]! });
}

async function flag(one: Whole, sign: Sign): Promise<void> {
  const told = await askFor(`Flag on ${one.id}`, [
    { name: "flag", label: "Flag", kind: "text" },
    { name: "do", label: "Do", kind: "choice", options: [["blocks", "set it; no approval while it is set"], ["set", "set it, for information"], ["lift", "lift it"]] },
    { name: "text", label: "Why", kind: "text" },
  ], "Read it over");
  if (told) await sign("case.flag", { case: one.id, flag: told["flag"]!, set: told["do"] !== "lift", blocks: told["do"] === "blocks", text: told["text"]! });
}

async function decide(one: Whole, sign: Sign): Promise<void> {
  const told = await askFor(`Decision on ${one.id}`, [
    { name: "verdict", label: "Decision", kind: "choice", options: [["approve", "approve"], ["refuse", "refuse"]] },
    { name: "conditions", label: "Conditions, one a line", kind: "lines", value: one.conditions.join("\n") },
    { name: "reasons", label: "Reasons of a refusal, one a line", kind: "lines" },
    { name: "text", label: "Words", kind: "text" },
  ], "Read it over");
  if (told) await sign("case.decide", { case: one.id, verdict: told["verdict"]!, conditions: lines(told["conditions"]), text: told["text"]!, reasons: lines(told["reasons"]) });
}

async function reopen(one: Whole, sign: Sign): Promise<void> {
  const told = await askFor(`Re-open ${one.id}`, [{ name: "why", label: "What is new", kind: "text" }], "Read it over");
  if (told) await sign("case.reopen", { case: one.id, why: told["why"]! });
}

export async function openCase(sign: Sign, agreements: string[], nowNs: number): Promise<void> {
  const told = await askFor("A new case", [
    { name: "id", label: "Id, never used before", kind: "text" },
    { name: "type", label: "What is asked for", kind: "choice", options: [["transfer", "hand items to somebody else"], ["release", "show data to a partner"], ["purpose", "use items for another purpose"], ["disposal", "dispose of items"]] },
    { name: "title", label: "Title", kind: "text" },
    agreements.length ? { name: "agreement", label: "Agreement", kind: "choice", options: agreements.map((name) => [name, name]) } : { name: "agreement", label: "Agreement", kind: "text" },
    { name: "items", label: "Items, one a line", kind: "lines" },
    { name: "recipient", label: "Recipient", kind: "text" },
    { name: "purpose", label: "Purpose", kind: "text" },
    { name: "quantity", label: "Quantity", kind: "number", value: "1" },
    { name: "from", label: "From", kind: "date", value: day(nowNs) },
    { name: "until", label: "Until", kind: "date", value: day(nowNs + 90 * 86_400e9) },
    { name: "text", label: "Why", kind: "text" },
  ], "Read it over");
  if (!told) return;
  await sign("case.open", {
    id: told["id"]!, type: told["type"]!, title: told["title"]!, agreement: told["agreement"]!, items: lines(told["items"]),
    recipient: told["recipient"]!, purpose: told["purpose"]!, quantity: Number(told["quantity"]) || 0,
    from_ns: moment(told["from"]!), until_ns: moment(told["until"]!), text: told["text"]!,
  });
}
