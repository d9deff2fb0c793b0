// What each partner would see now and why the rest is withheld, as the release point tells it.

import { h } from "../dom";

const TOP = "./api/v1/release";

export async function releasePage(): Promise<Node[]> {
  const answer = await fetch(`${TOP}/partners`).catch(() => null);
  if (!answer?.ok) return [h("section", { class: "sheet" }, h("h2", {}, "Release"), h("p", { class: "soft" }, "This node sends to no partner."))];
  const { partners } = (await answer.json()) as { partners: Record<string, unknown>[] };
  return Promise.all(partners.map(async (one) => {
    const name = String(one["name"] ?? one["id"] ?? one["to"]);
    const seen = await fetch(`${TOP}/preview?to=${encodeURIComponent(name)}`).then((got) => got.json(), () => null) as Record<string, unknown> | null;
    const rows = (list: unknown) => (Array.isArray(list) ? (list as Record<string, unknown>[]) : []).slice(0, 60);
    return h("section", { class: "sheet" }, h("h2", {}, name), h("p", { class: "soft" }, Object.entries(one).filter(([, value]) => typeof value !== "object").map(([key, value]) => `${key} ${String(value)}`).join(" · ")),
      ...["released", "shown", "tracks", "withheld"].flatMap((part) => rows(seen?.[part]).length ? [h("h3", {}, part), ...rows(seen?.[part]).map((row) => h("p", {}, Object.entries(row).map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(" · ")))] : []));
  }));
}
