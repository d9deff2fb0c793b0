// The planner's figures: what is seen now and before, what it costs, where it is weak.

import { h, mark } from "../dom";
import type { Board, Opened } from "./board";
import { LINES } from "./colours";
import type { Scene, State, Stretch } from "./messages";
import { differences, sharesOf } from "./profile";
import { money, points, share, stretchWords } from "./words";

const TOLD_APART = 0.002;

export interface PanelHost {
  kind(number: number): void;
  go(border: string, km: number): void;
  /** Choose a site and bring it to the middle of the map. */
  site(id: string): void;
}

export class Panel {
  readonly element = h("aside", { class: "plan-side", "aria-label": "figures" });
  private readonly headline = h("section", { class: "plan-headline", "aria-live": "polite" });
  private readonly kinds = h("select", { "aria-label": "class of target that is shown" });
  private readonly classes = h("section", { class: "plan-classes" });
  private readonly assured = h("section", { class: "plan-assured" });
  private readonly money = h("section", { class: "plan-money" });
  private readonly places = h("section", { class: "plan-places" });
  private readonly sites = h("details", { class: "plan-sites" });
  readonly site = h("section", { class: "plan-site" });

  constructor(private readonly host: PanelHost) {
    this.kinds.addEventListener("change", () => host.kind(Number(this.kinds.value)));
    const what = h("label", { class: "plan-what" }, "Map and strip show ", this.kinds);
    this.element.append(this.headline, what, this.classes, this.assured, this.site, this.money, this.places, this.sites);
  }

  offer(scene: Scene): void {
    const words = ["seen, all classes", ...scene.classes.map((one) => `seen, ${one.target}`), ...scene.measures.map((one) => `assured: ${one}`)];
    this.kinds.replaceChildren(...words.map((one, i) => h("option", { value: String(i) }, one)));
  }

  /** One plan: as it is now (or passes by under the hand) beside how it was loaded. */
  showOne({ scene, history }: Opened, state: State, passing: boolean): void {
    const planned = history.planned;
    mark(this.element, "data-passing", passing ? "true" : null);
    const change = state.share - planned.share;
    const told = [
      h("div", { class: "plan-share", "data-share": String(state.share) }, share(state.share),
        change === 0 ? null : h("span", { class: "plan-change", "data-grade": change > 0 ? "good" : "bad" }, points(change))),
      h("p", {}, change === 0 ? "of what is to be watched is seen" : `seen; ${share(planned.share)} as planned`),
      h("p", { class: "plan-soft" }, `Proven limit ${share(scene.bound_share)} for the plan's budget and candidates`),
      Math.abs(planned.share - scene.share) > TOLD_APART
        ? h("p", { class: "plan-caution" }, `The plan's file says ${share(scene.share)}; this page recomputes it with its own terrain.`)
        : null,
      scene.synthetic ? h("p", { class: "plan-caution" }, "Synthetic relief: not for decisions.") : null,
    ];
    this.headline.replaceChildren(...told.filter((one) => one !== null));
    this.classes.replaceChildren(...scene.classes.map((one, c) => classRow(one.target, planned.classes[c]!, state.classes[c]!)));
    this.assured.replaceChildren(...assuredRows(scene, planned, state));
    this.money.replaceChildren(h("h2", {}, "Money and kit"), ...moneyRows(scene, state));
    this.places.replaceChildren(h("h2", {}, "Weakest stretches"), this.stretchList(state.stretches));
    if (!passing) this.listSites(state);
  }

  /** Two plans side by side. */
  showTwo(left: Board, right: Board, names: [string, string], kind: number): void {
    mark(this.element, "data-passing", null);
    const [a, b] = [left.state, right.state];
    const change = b.share - a.share;
    const heads = names.map((name, i) => h("th", { style: `color:${LINES[i]}`, title: name }, name));
    const rows: [string, string, string, string, number][] = [
      ["Seen", share(a.share), share(b.share), points(change), change],
      ["Expected", share(a.expected), share(b.expected), points(b.expected - a.expected), b.expected - a.expected],
    ];
    left.plan.scene.classes.forEach((one, c) => {
      const other = right.plan.scene.classes.findIndex((each) => each.target === one.target);
      if (other < 0) return;
      const [was, is] = [a.classes[c]!, b.classes[other]!];
      rows.push([one.target, share(was), share(is), points(is - was), is - was]);
    });
    for (const measure of left.plan.scene.measures) {
      const [was, is] = [a.assurance?.means[measure], b.assurance?.means[measure]];
      if (was !== undefined && is !== undefined) rows.push([`P(${measure})`, share(was), share(is), points(is - was), is - was]);
    }
    const sites = b.sites.length - a.sites.length;
    rows.push(["Sites", String(a.sites.length), String(b.sites.length), sites > 0 ? `+${sites}` : String(sites || "±0").replace("-", "−"), 0]);
    const spent = b.spent - a.spent;
    const currency = left.plan.scene.currency;
    rows.push(["Spent", money(a.spent, currency), money(b.spent, right.plan.scene.currency), spent ? `${spent > 0 ? "+" : "−"}${money(Math.abs(spent), "").trim()}` : "±0", 0]);
    const table = h("table", { class: "plan-compare" },
      h("thead", {}, h("tr", {}, h("th", {}), ...heads, h("th", {}, "Δ"))),
      h("tbody", {}, ...rows.map(([words, was, is, by, sign]) =>
        h("tr", {}, h("th", {}, words), h("td", {}, was), h("td", {}, is),
          h("td", { class: "plan-change", "data-grade": sign > 0 ? "good" : sign < 0 ? "bad" : "none" }, by)))),
    );
    this.headline.replaceChildren(table);
    this.classes.replaceChildren();
    this.assured.replaceChildren();
    this.site.replaceChildren();
    this.money.replaceChildren();
    this.sites.hidden = true;
    const found = sameBorder(left.plan.scene, right.plan.scene)
      ? differences(left.plan.scene, sharesOf(left.plan.scene, a, kind), sharesOf(right.plan.scene, b, kind))
      : [];
    this.places.replaceChildren(
      h("h2", {}, "Where they differ"),
      found.length === 0 ? h("p", { class: "plan-soft" }, "Nowhere along the border.") : h("ol", { class: "plan-list" },
        ...found.map((one) => this.place(one, `${one.gained > 0 ? "+" : "−"}${Math.abs(one.gained).toFixed(1)} km seen`, one.gained > 0 ? "good" : "bad"))),
    );
  }

  private listSites(state: State): void {
    const sorted = [...state.sites].sort((a, b) => b.adds - a.adds);
    this.sites.hidden = false;
    this.sites.replaceChildren(
      h("summary", {}, `The ${sorted.length} sites, by what each adds`),
      h("ol", { class: "plan-list" }, ...sorted.map((one) => h("li", {},
        h("button", { type: "button", onclick: () => this.host.site(one.id) }, one.id),
        h("span", { class: "plan-soft" }, `${one.package} · ${share(one.adds)}`)))),
    );
  }

  private stretchList(stretches: Stretch[]): HTMLElement {
    if (stretches.length === 0) return h("p", { class: "plan-soft" }, "Nowhere is less than half seen.");
    return h("ol", { class: "plan-list" }, ...stretches.slice(0, 8).map((one) => this.place(one, `costs ${share(one.lost)}`, "none")));
  }

  private place(one: { border: string; from_km: number; to_km: number }, words: string, grade: string): HTMLElement {
    const go = () => this.host.go(one.border, (one.from_km + one.to_km) / 2);
    return h("li", {}, h("button", { type: "button", onclick: go }, stretchWords(one)), h("span", { class: "plan-change", "data-grade": grade }, words));
  }
}

function classRow(name: string, before: number, after: number): HTMLElement {
  const bar = h("i", { class: "plan-bar", "aria-hidden": "true", style: `--before:${before * 100}%;--after:${after * 100}%` });
  const change = after - before;
  return h("div", { class: "plan-class" },
    h("span", { class: "plan-name" }, name), bar, h("span", { class: "plan-figure" }, share(after)),
    h("span", { class: "plan-change", "data-grade": change > 0 ? "good" : change < 0 ? "bad" : "none" }, change === 0 ? "" : points(change)));
}

function assuredRows(scene: Scene, planned: State, state: State): HTMLElement[] {
  if (scene.measures.length === 0) return [];
  const [before, after] = [planned.assurance, state.assurance];
  const head = h("h2", { title: "mean over border, classes, hours and weathers" }, "Assurance of a crossing");
  if (!after) return [head, h("p", { class: "plan-soft" }, "Working it out…")];
  const rows = scene.measures.map((one) => classRow(one, before?.means[one] ?? after.means[one]!, after.means[one]!));
  const lost = after.unlinked.slice(0, 6).map((id) => h("p", { class: "plan-bad" }, `${id} reaches no gateway: nobody hears it`));
  return [head, ...rows, ...lost];
}

function moneyRows(scene: Scene, state: State): HTMLElement[] {
  const spent = money(state.spent, scene.currency);
  const rows = [h("p", {}, scene.budget === null ? `${spent} spent` : `${spent} of ${money(scene.budget, scene.currency)}`)];
  const kit = scene.packages.map((one) => `${state.bought[one.id] ?? 0} × ${one.id}`).join(" · ");
  rows.push(h("p", { class: "plan-soft" }, kit));
  rows.push(...state.broken.map((words) => h("p", { class: "plan-bad" }, words)));
  return rows;
}

export function sameBorder(one: Scene, other: Scene): boolean {
  return one.step === other.step && JSON.stringify(one.lines) === JSON.stringify(other.lines);
}
