// Alerts in the order in which a person should look at them.

import type { Alert } from "../stream/messages";

export const SEVERITIES = ["notice", "caution", "warning"] as const;
export type SeverityName = (typeof SEVERITIES)[number];
const MOST_ALERTS = 500;

/** Name of a severity; the binary form of records sends its number. */
export function severityName(value: string | number): SeverityName {
  if (typeof value === "number") return SEVERITIES[value] ?? "notice";
  const lower = value.toLowerCase();
  return (SEVERITIES as readonly string[]).includes(lower) ? (lower as SeverityName) : "notice";
}

export class Alerts {
  private readonly byId = new Map<string, Alert>();

  /** Take new or changed alerts; give those that nobody knew before. */
  update(alerts: readonly Alert[]): Alert[] {
    const fresh = alerts.filter((alert) => !this.byId.has(alert.id));
    for (const alert of alerts) this.byId.set(alert.id, alert);
    if (this.byId.size > MOST_ALERTS) this.forget();
    return fresh;
  }

  clear(): void {
    this.byId.clear();
  }

  get(id: string): Alert | undefined {
    return this.byId.get(id);
  }

  /** Waiting ones first, the gravest and newest on top; then those that somebody took. */
  ordered(): Alert[] {
    return [...this.byId.values()].sort(
      (a, b) =>
        rank(b) - rank(a) ||
        b.time_ns - a.time_ns ||
        (a.id < b.id ? -1 : 1),
    );
  }

  waiting(): Alert[] {
    return this.ordered().filter((alert) => isWaiting(alert));
  }

  private forget(): void {
    for (const alert of this.ordered().slice(MOST_ALERTS)) this.byId.delete(alert.id);
  }
}

export function isWaiting(alert: Alert): boolean {
  return !alert.acknowledged_ns;
}

function rank(alert: Alert): number {
  const severity = SEVERITIES.indexOf(severityName(alert.severity));
  return (isWaiting(alert) ? 20 : 0) + (alert.closed_ns ? 0 : 10) + severity;
}
