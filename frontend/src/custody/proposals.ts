// Weighty acts: one person proposes, others approve what their own browser read out of the bytes.

import { h } from "../dom";
import type { Plain } from "./cbor";
import { type Row, type State, fetchStatement } from "./client";
import { askFor, lines } from "./forms";
import { type Act, actOf, unhex } from "./statement";
import { day, label, said } from "./words";

export type Sign = (kind: string, body: { [key: string]: Plain }, refs?: Uint8Array[], about?: string | [string, string][], long?: string) => Promise<void>;

const LONG = 400;
const ORDER = ["id", "agreement", "items", "recipient", "purpose", "quantity", "from_ns", "until_ns", "kinds", "case"];

export function proposal(one: Row, sign: Sign): HTMLElement {
  const words = ordered(Object.entries((one["body"] ?? {}) as Record<string, unknown>))
    .filter(([, value]) => String(value) !== "" && (value as unknown[]).length !== 0)
    .map(([name, value]) => h("span", { class: "fact" }, h("span", { class: "soft" }, `${label(name)} `), shown(name, value)));
  const signed = (one["approved"] ?? []) as string[];
  return h("div", { class: "case-line", "data-proposal": one.key },
    h("strong", {}, String(one["kind"])), h("span", { class: "due" }, `by ${String(one["by"])}`),
    h("span", { class: "facts" }, ...words),
    h("span", { class: "soft" }, `${signed.length ? `approved by ${signed.join(", ")}; ` : ""}needs ${String(one["needs"] || "nothing more")}`),
    h("span", { class: "case-deeds" },
      h("button", { type: "button", onclick: () => void judge(one, true, sign) }, "Approve…"),
      h("button", { type: "button", onclick: () => void judge(one, false, sign) }, "Reject…")));
}

/** Read the proposal out of its own bytes, which its leaf hash names, then sign for or against it. */
async function judge(one: Row, yes: boolean, sign: Sign): Promise<void> {
  let act: Act;
  try {
    const told = await fetchStatement(Number(one["position"]));
    act = await actOf(unhex(told.statement) as Uint8Array<ArrayBuffer>, one.key);
  } catch (error) {
    window.alert(`Nothing can be signed: ${(error as Error).message}`);
    return;
  }
  const body = ordered([...(act.body["body"] as Map<string, Plain>)]);
  const text = body.filter(([, value]) => typeof value === "string" && value.length > LONG).map(([, value]) => String(value));
  const rows = body.map(([name, value]): [string, string] => [label(name), typeof value === "string" && value.length > LONG ? "the text below" : said(name, value)]);
  const words: [string, string][] = [["proposed", `${String(act.body["kind"])} by ${act.by} on ${day(Number(act.at_ns))}`], ...rows];
  if (yes) return sign("approve", {}, [unhex(one.key)], words, text.join("\n\n"));
  const told = await askFor("Reject a proposal", [{ name: "why", label: "Why", kind: "text" }], "Read it over");
  if (told) await sign("reject", { why: told["why"]! }, [unhex(one.key)], words, text.join("\n\n"));
}

function ordered<T>(rows: [string, T][]): [string, T][] {
  const place = ([name]: [string, T]) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
  return rows.sort((a, b) => place(a) - place(b));
}

function shown(name: string, value: unknown): string {
  if (name.endsWith("_ns")) return day(Number(value));
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export async function proposeConsent(state: State, sign: Sign): Promise<void> {
  const told = await askFor("A new consent", [
    { name: "id", label: "Id, never used before", kind: "text" },
    choice("agreement", "Agreement", state.agreements),
    { name: "opens", label: "What it opens", kind: "choice", options: [["transfer", "handing items to the recipient"], ["purpose", "using items for another purpose"], ["dispose", "disposing of items"], ["fit", "fitting items into others"]] },
    { name: "items", label: "Items, one a line", kind: "lines" },
    choice("recipient", "Recipient", state.organisations),
    { name: "purpose", label: "Purpose", kind: "text" },
    { name: "quantity", label: "Quantity", kind: "number", value: "1" },
    { name: "from", label: "From", kind: "date", value: day(state.now_ns) },
    { name: "until", label: "Until, that day excluded", kind: "date", value: day(state.now_ns + 90 * 86_400e9) },
    { name: "case", label: "Case, if any", kind: "text" },
  ], "Read it over");
  if (!told) return;
  await sign("propose", { kind: "consent", body: {
    id: told["id"]!, agreement: told["agreement"]!, items: lines(told["items"]), purpose: told["purpose"]!,
    recipient: told["recipient"]!, quantity: Number(told["quantity"]) || 0, from_ns: moment(told["from"]!), until_ns: moment(told["until"]!),
    kinds: [told["opens"]!], ...(told["case"] ? { case: told["case"] } : {}),
  } });
}

export function choice(name: string, words: string, rows: readonly Row[]) {
  return { name, label: words, kind: "choice" as const, options: rows.map((row) => [row.key, `${row.key}${row["title"] ? `: ${String(row["title"])}` : ""}`] as const) };
}

export function moment(text: string): bigint {
  return BigInt(Date.parse(`${text}T00:00:00Z`) || 0) * 1_000_000n;
}
