// Says in words what an act declares: exactly its content, field by field, nothing left out.

import type { Plain } from "./cbor";
import { type Act, hex } from "./statement";

const KINDS: Record<string, string> = {
  "case.open": "ask for a case to be opened",
  "case.check": "report the result of a check",
  "case.flag": "set or lift a flag",
  "case.advice": "advise",
  "case.countersign": "sign somebody else's advice as the second person",
  "case.decide": "decide the case",
  "case.reopen": "re-open the case; its licence is suspended until a new decision",
  propose: "propose this; it takes effect when the needed others approve it",
  offer: "offer these items; custody stays with us until they are accepted",
  inspect: "ask to inspect these items",
  report: "report what happened to an item",
  suspect: "suspect misuse; these items must not be used until reinstated",
  assure: "assure our own end use under this consent",
  revoke: "take this back at once; it does not count from now on",
  review: "review the emergency",
  approve: "approve a proposal",
  reject: "reject a proposal",
  sighted: "declare that these items were seen",
  answer: "answer an inspection",
  accept: "take custody of these items; the duty is ours from now on",
  decline: "decline these items; custody stays with who offered",
  emergency: "declare danger to life; what the agreement names for it is released until it ends",
};

export function deedOf(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** Every field of the act's body, and what it refers to, in the order in which they were written. */
export function fieldsOf(act: Act): [string, string][] {
  const rows = Object.entries(act.body).map(([key, value]): [string, string] => [label(key), said(key, value)]);
  return [...rows, ...act.refs.map((ref): [string, string] => ["about the statement", hex(ref).slice(0, 16)])];
}

export function label(key: string): string {
  return key.replace(/_ns$/, "").replaceAll("_", " ");
}

export function said(key: string, value: Plain): string {
  if (value === null) return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (key.endsWith("_ns")) return day(Number(value));
  if (value instanceof Uint8Array) return hex(value).slice(0, 16);
  if (Array.isArray(value)) return value.length ? value.map((one) => said("", one)).join(" · ") : "none";
  if (typeof value === "object") {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return entries.map(([name, one]) => `${label(String(name))} ${said(String(name), one)}`).join(", ");
  }
  return String(value) || "nothing";
}

/** A day, as people of two nations read it alike: `2026-11-27`. */
export function day(ns: number): string {
  if (!Number.isFinite(ns) || ns <= 0) return "–";
  return ns > 9e18 ? "no end" : new Date(ns / 1e6).toISOString().slice(0, 10);
}

/** How long until a moment, or since: `in 3 d`, `late by 2 d`. */
export function until(ns: number | null, nowNs: number): string {
  if (ns === null || ns > 9e18) return "";
  const days = (ns - nowNs) / 86_400e9;
  if (days < 0) return `late by ${amount(-days)}`;
  return `in ${amount(days)}`;
}

function amount(days: number): string {
  return days >= 1 ? `${Math.floor(days)} d` : `${Math.max(1, Math.round(days * 24))} h`;
}
