// Asks the node about custody, and hands in signed acts.

const TOP = "./api/v1/custody";

export type Row = Record<string, unknown> & { key: string };

export interface Clock {
  what: string; about: string; of: string; due_ns: number; late: boolean;
}

export interface State {
  clocks: Clock[];
  persons: Row[]; organisations: Row[]; agreements: Row[];
  items: Row[]; sites: Row[]; consents: Row[]; proposals: Row[]; offers: Row[];
  inspections: Row[]; notices: Row[]; emergencies: Row[]; refusals: Row[];
  ledger: {
    size: number; root: string; log: string; nation: string; quorum: number; witnesses: string[];
    witnessed: { size: number; at_ns: number; by: string[] };
  };
  now_ns: number;
}

export interface CaseLine {
  id: string; type: string; title: string; agreement: string; recipient: string; purpose: string;
  quantity: number; used: number; licensed: number; stage: string; stage_words: string;
  since_ns: number; open: boolean; due_ns: number | null; round: number; flags: string[]; blocking: string[];
  opened_by: string; parties: string[];
}

export interface QueueEntry {
  case: string; duty: string; why: string; due_ns: number | null; title: string;
}

export interface Cases {
  cases: CaseLine[];
  queues: Record<string, QueueEntry[]>;
  now_ns: number;
}

export interface AdviceRow {
  leaf: string; about: string; by: string; org: string; nation: string; verdict: string;
  conditions: string[]; text: string; position: number; valid: boolean; countersigned: boolean;
  contested: boolean; countersigns: { by: string; agree: boolean; text: string }[];
}

export interface CheckRow {
  check: string; result: string; by: string; text: string;
}

export interface FlagRow {
  flag: string; blocks: boolean; raised_by: string; lifted_by: string; text: string;
}

export interface Whole extends Omit<CaseLine, "flags"> {
  items: string[]; text: string; from_ns: number; until_ns: number; asked: string; origin: string;
  check_questions: Record<string, string>; about: string[]; obstacles: string[]; conditions: string[];
  checks: Record<string, CheckRow[]>; flags: FlagRow[]; advice: AdviceRow[];
  history: { position: number; at_ns: number; by: string; kind: string; text: string }[];
  licences: { consent: string; quantity: number; used: number }[];
}

export class Refused extends Error {
  constructor(readonly reasons: string[]) {
    super(reasons.join("; "));
  }
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(`${TOP}/${path}`, init);
  const content = (await answer.json()) as { error?: string; refused?: string[] } & T;
  if (content.refused) throw new Refused(content.refused);
  if (!answer.ok) throw new Error(content.error ?? `the node answered ${answer.status}`);
  return content;
}

/** Ask for the state; what the page knows of a ledger that did not grow is not sent again. */
export async function fetchState(known: State | null = null): Promise<State> {
  const told = await ask<State>(known ? `state?known=${known.ledger.size}` : "state");
  return known ? { ...known, ...told } : told;
}
export const fetchCases = () => ask<Cases>("cases");
export const fetchCase = (id: string) => ask<Whole>(`cases/${id.split("/").map(encodeURIComponent).join("/")}`);

export const fetchStatement = (position: number) => ask<{ statement: string }>(`ledger/${position}`);

/** Hand in a statement; throws `Refused` with the office's reasons. */
export function handIn(statement: Uint8Array<ArrayBuffer>): Promise<{ position: number; leaf: string }> {
  return ask("acts", { method: "POST", body: statement, headers: { "content-type": "application/cose" } });
}

export function handInPhoto(data: Blob): Promise<{ sha256: string }> {
  return ask("photos", { method: "POST", body: data, headers: { "content-type": data.type } });
}

export const codeOf = (text: string) => `${TOP}/code?text=${encodeURIComponent(text)}`;
