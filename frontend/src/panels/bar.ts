// The top line: what this is, which mode, what time, and whether all of it can be trusted.

import { h, mark, write } from "../dom";
import type { LinkState } from "../stream/link";
import type { Info, Node } from "../stream/messages";
import { span, utc } from "../words/format";

const LATE_S = 3;

export class Bar {
  readonly element: HTMLElement;
  readonly banner: HTMLElement;
  private readonly title = h("span", { class: "bar-title" }, "connecting…");
  private readonly mode = h("span", { class: "mode", "data-mode": "none" }, "–");
  private readonly time = h("span", { class: "clock-time" }, "--:--:--");
  private readonly date = h("span", { class: "clock-date" });
  private readonly link = chip("link");
  private readonly recording = chip("recording");
  private readonly count = h("span", { class: "count" });
  private announced = "";

  constructor(buttons: HTMLElement[]) {
    const logo = h("img", { src: "./mark.svg", alt: "", width: 24, height: 24 });
    this.element = h(
      "header",
      { class: "bar" },
      h("div", { class: "brand" }, logo, h("strong", {}, "Steppewatch"), this.title),
      this.mode,
      h("div", { class: "clock", role: "timer", "aria-label": "picture time, UTC" }, this.time, h("span", { class: "clock-zone" }, "UTC"), this.date),
      h("div", { class: "chips" }, this.count, this.link, this.recording),
      h("div", { class: "bar-buttons" }, ...buttons),
    );
    this.banner = h("div", { class: "banner", role: "alert", hidden: true });
  }

  show(info: Info | null, node: Node | null, state: LinkState, utcMs: number, silentS: number, tracks: number, malformed: number): void {
    const { date, time } = utc(utcMs);
    write(this.time, time);
    write(this.date, date);
    if (info) {
      write(this.title, info.title);
      document.title = info.title ? `${info.title} · Steppewatch` : "Steppewatch";
      write(this.mode, modeText(info, node));
      mark(this.mode, "data-mode", info.mode);
    }
    write(this.count, `${tracks} tracks`);
    this.showLink(state, silentS, malformed);
    this.showRecording(info, node);
    this.showBanner(node, state, silentS);
  }

  private showLink(state: LinkState, silentS: number, malformed: number): void {
    const late = state === "open" && silentS > LATE_S;
    const grade = state === "open" ? (late ? "warn" : "good") : state === "lost" ? "bad" : "warn";
    const words = state === "open" ? (late ? `late ${span(silentS)}` : "link") : state === "lost" ? "link lost" : "connecting";
    write(this.link, malformed ? `${words} · ${malformed} bad` : words);
    mark(this.link, "data-grade", grade);
  }

  private showRecording(info: Info | null, node: Node | null): void {
    const on = node ? node.recording : (info?.recording ?? false);
    write(this.recording, on ? "recording" : "not recording");
    mark(this.recording, "data-grade", on ? "good" : "warn");
  }

  private showBanner(node: Node | null, state: LinkState, silentS: number): void {
    const words: string[] = [];
    if (state === "lost") words.push(`Link to the node lost. Last update ${span(silentS)} ago; trying again.`);
    else if (state === "open" && silentS > LATE_S) words.push(`No update for ${span(silentS)}.`);
    if (node?.warning) words.push(node.warning);
    if (node?.ended) words.push("The recording has ended; this is its last picture.");
    const text = words.join(" · ");
    mark(this.banner, "data-grade", state === "lost" ? "bad" : node?.ended && words.length === 1 ? "info" : "warn");
    this.banner.hidden = text === "";
    // A screen reader should not hear the seconds count.
    const stable = text.replace(/\d+/g, "");
    this.banner.setAttribute("aria-live", stable === this.announced ? "off" : "assertive");
    this.announced = stable;
    write(this.banner, text);
  }
}

function chip(name: string): HTMLElement {
  return h("span", { class: `chip chip-${name}`, "data-grade": "none" });
}

function modeText(info: Info, node: Node | null): string {
  const rate = node ? node.rate : info.rate;
  const pace = !Number.isFinite(rate) ? " ×max" : rate === 0 ? " paused" : rate === 1 ? "" : ` ×${rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate)}`;
  return `${info.mode.toUpperCase()}${pace}`;
}
