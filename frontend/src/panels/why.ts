// Why the selected track is believed: its classes, who holds it, its latest detections.

import { h, mark, write } from "../dom";
import { plotLines, shares, whoSees, type Why } from "../words/why";

const ASK_EVERY_MS = 1000;
const AFTER_FAILURE_MS = 5000;
const GIVE_UP_MS = 4000;
const SHARES = 4;
const PLOTS = 6;
const HEADS = ["When", "Sensor", "Sure", "Chosen by"] as const;
const HINTS = [
  "how long ago the detection was made", "who made it", "probability that it is this track's",
  "how the tracker chose it",
] as const;

export class WhyPanel {
  readonly element: HTMLDetailsElement;
  private readonly sentence = h("p", { class: "why-who" });
  private readonly shares: { row: HTMLElement; name: HTMLElement; bar: HTMLElement; text: HTMLElement }[] = [];
  private readonly list = h("ul", { class: "why-classes", "aria-label": "class probabilities" });
  private readonly rows: { row: HTMLElement; cells: HTMLElement[] }[] = [];
  private readonly table: HTMLElement;
  private key: number | null = null;
  private asking: AbortController | null = null;
  private nextMs = 0;

  constructor() {
    for (let i = 0; i < SHARES; i++) this.shares.push(this.makeShare());
    const body = h("tbody", {});
    for (let i = 0; i < PLOTS; i++) {
      const cells = HEADS.map(() => h("td", {}));
      const row = h("tr", {}, ...cells);
      this.rows.push({ row, cells });
      body.append(row);
    }
    const heads = HEADS.map((words, i) => h("th", { scope: "col", title: HINTS[i] }, words));
    this.table = h(
      "table",
      { class: "why-plots", "aria-label": "latest detections, the newest first" },
      h("thead", {}, h("tr", {}, ...heads)),
      body,
    );
    this.element = h("details", { class: "why", open: true }, h("summary", {}, "Why"), this.sentence, this.list, this.table);
    this.element.addEventListener("toggle", () => (this.nextMs = 0));
  }

  /** Show the reasons of a track, asked anew every second while anybody can see them. */
  show(key: number): void {
    const now = performance.now();
    if (key !== this.key) {
      this.key = key;
      this.asking?.abort();
      this.asking = null;
      this.nextMs = 0;
      this.clear("…");
    }
    if (this.asking || now < this.nextMs || !this.element.open || this.element.offsetParent === null) return;
    this.nextMs = now + ASK_EVERY_MS;
    void this.ask(key);
  }

  /** Nothing is selected: ask no more. */
  rest(): void {
    this.key = null;
    this.asking?.abort();
    this.asking = null;
  }

  private async ask(key: number): Promise<void> {
    const asking = (this.asking = new AbortController());
    const giveUp = window.setTimeout(() => asking.abort(), GIVE_UP_MS);
    try {
      const answer = await fetch(`./api/v1/tracks/${key}/why`, { signal: asking.signal });
      if (!answer.ok) throw new Error(`the node answered ${answer.status}`);
      const why = (await answer.json()) as Why;
      if (this.key === key) this.fill(why);
    } catch (error) {
      if (this.key !== key) return;
      this.nextMs = performance.now() + AFTER_FAILURE_MS;
      this.clear(`Not known now: ${error instanceof Error ? error.message : String(error)}.`);
    } finally {
      window.clearTimeout(giveUp);
      if (this.asking === asking) this.asking = null;
    }
  }

  private clear(words: string): void {
    write(this.sentence, words);
    mark(this.element, "data-hidden-track", null);
    this.list.hidden = this.table.hidden = true;
  }

  private fill(why: Why): void {
    write(this.sentence, whoSees(why));
    mark(this.element, "data-hidden-track", why.hidden ? "true" : null);
    const lines = shares(why);
    this.list.hidden = lines.length === 0;
    this.shares.forEach(({ row, name, bar, text }, i) => {
      const line = lines[i];
      row.hidden = line === undefined;
      if (!line) return;
      write(name, line.name);
      write(text, line.text);
      const width = `${(100 * line.share).toFixed(1)}%`;
      if (bar.style.width !== width) bar.style.width = width;
    });
    const plots = plotLines(why);
    this.table.hidden = plots.length === 0;
    this.rows.forEach(({ row, cells }, i) => {
      const plot = plots[i];
      row.hidden = plot === undefined;
      if (!plot) return;
      [plot.when, plot.sensor, plot.sure, plot.how].forEach((text, at) => write(cells[at]!, text));
      mark(cells[1]!, "title", plot.sensor);
      mark(cells[3]!, "title", plot.hint || null);
    });
  }

  private makeShare(): { row: HTMLElement; name: HTMLElement; bar: HTMLElement; text: HTMLElement } {
    const name = h("span", { class: "why-name" });
    const bar = h("span", { class: "why-bar" });
    const text = h("span", { class: "why-share" });
    const row = h("li", {}, name, h("span", { class: "why-track", "aria-hidden": "true" }, bar), text);
    this.list.append(row);
    return { row, name, bar, text };
  }
}
