// What a person should look at, and the button that says "I have it".

import { type Alerts, isWaiting, severityName } from "../picture/alerts";
import { h, mark, write } from "../dom";
import type { Alert } from "../stream/messages";
import { borderKm, clockTime } from "../words/format";

const SHOWN = 60;

export interface AlertActions {
  choose(alert: Alert): void;
  acknowledge(alert: Alert): void;
}

export class AlertPanel {
  readonly element: HTMLElement;
  /** The alert that Space and Enter would acknowledge. */
  current: string | null = null;
  private readonly list = h("ul", { class: "alerts", "aria-label": "alerts" });
  private readonly badge = h("span", { class: "badge" });
  private readonly empty = h("p", { class: "empty" }, "No alerts.");
  private drawn = "";

  constructor(
    private readonly alerts: Alerts,
    private readonly actions: AlertActions,
  ) {
    this.element = h(
      "section",
      { class: "panel", "data-panel": "alerts", "aria-label": "alerts" },
      h("h2", {}, "Alerts", this.badge),
      this.list,
      this.empty,
    );
  }

  /** Go to the next alert that waits for a person; give it, or null when none does. */
  next(): Alert | null {
    const waiting = this.alerts.waiting();
    if (waiting.length === 0) return null;
    const at = waiting.findIndex((alert) => alert.id === this.current);
    const alert = waiting[(at + 1) % waiting.length]!;
    this.current = alert.id;
    this.show();
    this.list.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
    return alert;
  }

  show(): void {
    const alerts = this.alerts.ordered().slice(0, SHOWN);
    const waiting = alerts.filter(isWaiting).length;
    write(this.badge, waiting ? String(waiting) : "");
    this.empty.hidden = alerts.length > 0;
    const drawn = `${this.current}|${alerts.map((a) => `${a.id},${a.acknowledged_ns},${a.closed_ns},${a.text},${a.severity}`).join("|")}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focused = document.activeElement?.closest("li")?.getAttribute("data-id");
    this.list.replaceChildren(...alerts.map((alert) => this.item(alert)));
    if (focused) this.list.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"] button`)?.focus();
  }

  private item(alert: Alert): HTMLElement {
    const severity = severityName(alert.severity);
    const where = borderKm(alert.border, alert.border_km);
    const head = h(
      "div",
      { class: "alert-head" },
      h("span", { class: "severity" }, severity),
      h("span", {}, clockTime(alert.time_ns / 1e6)),
      where ? h("span", { class: "alert-km" }, where) : null,
      alert.closed_ns ? h("span", { class: "alert-over" }, "over") : null,
    );
    const text = h("button", { class: "alert-text", type: "button", onclick: () => this.choose(alert) }, alert.text);
    const item = h("li", { class: "alert", "data-id": alert.id, "data-severity": severity }, head, text);
    if (isWaiting(alert)) {
      const name = `Acknowledge: ${alert.text}`;
      item.append(h("button", { class: "take", type: "button", "aria-label": name, onclick: () => this.actions.acknowledge(alert) }, "Acknowledge"));
    } else {
      item.append(h("span", { class: "taken" }, `${alert.acknowledged_by || "taken"} ${clockTime(alert.acknowledged_ns / 1e6)}`));
      mark(item, "data-taken", "true");
    }
    mark(item, "aria-current", alert.id === this.current ? "true" : null);
    return item;
  }

  private choose(alert: Alert): void {
    this.current = alert.id;
    this.show();
    this.actions.choose(alert);
  }
}
