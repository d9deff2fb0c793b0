// Asks the node about plans: lists them, evaluates a changed one, keeps it.

import { type Placed, type PlanList, type Scene, type State, readScene, readState } from "./messages";

const PLANS = "./api/v1/plans";

export async function listPlans(): Promise<PlanList> {
  return (await (await ask(PLANS)).json()) as PlanList;
}

export async function fetchScene(number: number): Promise<Scene> {
  return readScene(await bytes(await ask(`${PLANS}/${number}`)));
}

export interface Move {
  moved?: string;
  seek_high?: number;
  /** Ask what it assures, too: that takes longer. */
  assure?: boolean;
}

export async function evaluate(number: number, scene: Scene, sites: readonly Placed[], move: Move = {}): Promise<State> {
  return readState(await bytes(await post(`${PLANS}/${number}/evaluate`, { sites: sites.map(bare), ...move })), scene);
}

/** Keep a changed plan in the node's folder; gives its name. */
export async function savePlan(number: number, sites: readonly Placed[], name: string): Promise<string> {
  const answer = await post(`${PLANS}/${number}/save`, { sites: sites.map(bare), name });
  return ((await answer.json()) as { saved: string }).saved;
}

export async function planFile(number: number, sites: readonly Placed[]): Promise<Blob> {
  return (await post(`${PLANS}/${number}/file`, { sites: sites.map(bare) })).blob();
}

function bare({ id, lat, lon, package: kit }: Placed): Placed {
  return { id, lat, lon, package: kit };
}

function post(url: string, body: object): Promise<Response> {
  return ask(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function ask(url: string, how?: RequestInit): Promise<Response> {
  const answer = await fetch(url, how);
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => ({}))) as { error?: string };
  throw new Error(told.error ?? `the node answered ${answer.status}`);
}

async function bytes(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}
