// What each partner would see now and why the rest is withheld; a stop for each link.

import { h } from "../dom";

const TOP = "./api/v1/release";

interface Partner {
  name: string; org: string; nation: string; purpose: string; stopped: string; form: string; paused: boolean;
  sent: number; lost: number; withdrawn: number; trouble: string;
}

interface Partners {
  version: number; partners: Partner[]; unchecked: number; failures: number; trouble: string;
}

interface Track {
  track: number; time_ns: number; lat: number; lon: number; height: number; status: string; target: string;
  callsign: string | null; precision_m: number;
}

interface Preview {
  now_ns: number; shown: Track[]; withheld: { track: number; why: string[] }[]; reasons: Record<string, number>;
}

const MOST = 40;

export async function releasePage(again: () => Promise<void>): Promise<Node[]> {
  const answer = await fetch(`${TOP}/partners`).catch(() => null);
  if (!answer?.ok) return [h("section", { class: "sheet" }, h("h2", {}, "Release"), h("p", { class: "soft" }, "This node does not answer about releases."))];
  const told = (await answer.json()) as Partners;
  if (told.partners.length === 0) return [h("section", { class: "sheet" }, h("h2", {}, "Release"), h("p", { class: "soft" }, "This node sends to no partner: nothing leaves it."))];
  const sheets = await Promise.all(told.partners.map((one) => partner(one, again)));
  return [
    h("div", { class: "figures" }, ...([
      ["partners", told.partners.length, ""], ["links paused or stopped", told.partners.filter((one) => one.paused || one.stopped).length, "warn"],
      ["messages sent", sum(told.partners, "sent"), ""], ["withdrawn in time", sum(told.partners, "withdrawn"), ""],
      ["lost on the way", sum(told.partners, "lost"), "warn"], ["attempts without a decision", told.unchecked, "bad"],
    ] as const).map(([words, value, grade]) => h("div", { class: "figure", "data-grade": value && grade ? grade : grade ? "good" : "" }, h("strong", {}, String(value)), h("span", {}, words)))),
    told.trouble ? h("p", { class: "sign-refused", role: "alert" }, `Nothing is released: ${told.trouble}`) : h("span", { hidden: true }),
    ...sheets,
  ];
}

async function partner(one: Partner, again: () => Promise<void>): Promise<HTMLElement> {
  const answer = await fetch(`${TOP}/preview?to=${encodeURIComponent(one.name)}`).catch(() => null);
  const seen = answer?.ok ? ((await answer.json()) as Preview) : null;
  const stop = h("button", { type: "button", class: one.paused ? "primary" : undefined as never, onclick: () => void turn() }, one.paused ? "Resume" : "Pause");
  const turn = async () => {
    await fetch(`${TOP}/partners/${encodeURIComponent(one.name)}/${one.paused ? "resume" : "pause"}`, { method: "POST" });
    await again();
  };
  const [grade, state] = one.stopped ? ["bad", `stopped: ${one.stopped}`] : one.paused ? ["warn", "paused here"] : one.trouble ? ["warn", `no link: ${one.trouble}`] : ["good", "open"];
  return h("section", { class: "sheet", "data-partner": one.name },
    h("header", { class: "sheet-head" }, h("h2", {}, one.name), h("span", { class: "tag", "data-grade": grade }, state), one.form ? stop : null),
    h("p", { class: "soft" }, `${one.org} (${one.nation}), for ${one.purpose}${one.form ? `, as ${one.form}` : ", no link"} · ${one.sent} sent, ${one.withdrawn} withdrawn, ${one.lost} lost`),
    seen === null ? h("p", { class: "soft" }, "No preview now.") : h("div", { class: "sides" }, shownSide(seen), withheldSide(seen)));
}

function shownSide(seen: Preview): HTMLElement {
  return h("div", {}, h("h3", {}, `Would see (${seen.shown.length}), each when its delay is over`), seen.shown.length === 0 ? h("p", { class: "soft" }, "Nothing.") : h("table", { title: "each when its rule's delay is over" },
    h("thead", {}, h("tr", {}, ...["track", "what", "where", "rounded to", "age now"].map((name) => h("th", {}, name)))),
    h("tbody", {}, ...[...seen.shown].sort((a, b) => a.track - b.track).slice(0, MOST).map((row) => h("tr", {}, h("th", {}, `${row.track}`), h("td", {}, row.callsign ?? row.target),
      h("td", {}, `${row.lat.toFixed(3)}°, ${row.lon.toFixed(3)}°`), h("td", {}, row.precision_m ? `${row.precision_m} m` : "as it is"),
      h("td", {}, `${Math.max(0, (seen.now_ns - row.time_ns) / 1e9).toFixed(0)} s`))))));
}

function withheldSide(seen: Preview): HTMLElement {
  const rows = Object.entries(seen.reasons ?? {}).sort((a, b) => b[1] - a[1]);
  const which = (why: string) => seen.withheld.filter((one) => one.why.includes(why)).map((one) => one.track).slice(0, 12).join(", ");
  return h("div", {}, h("h3", {}, `Withheld (${seen.withheld.length})`), rows.length === 0 ? h("p", { class: "soft" }, "Nothing.") : h("table", {},
    h("thead", {}, h("tr", {}, ...["why", "tracks"].map((name) => h("th", {}, name)))),
    h("tbody", {}, ...rows.map(([why, count]) => h("tr", {}, h("td", {}, why), h("td", {}, `${count} `, h("span", { class: "soft" }, `no. ${which(why)}`)))))));
}

function sum(rows: readonly Partner[], name: "sent" | "lost" | "withdrawn"): number {
  return rows.reduce((total, one) => total + one[name], 0);
}
