import { expect, it } from "vitest";
import { Alerts } from "../src/picture/alerts";
import type { Alert } from "../src/stream/messages";

function alert(id: string, severity: string, time_ns: number, more: Partial<Alert> = {}): Alert {
  return {
    id, severity, time_ns, rule: "test", text: id, track: -1, feed: -1, sensor: "", lat: null, lon: null,
    border: "", border_km: null, closed_ns: 0, acknowledged_ns: 0, acknowledged_by: "", ...more,
  };
}

it("puts waiting alerts first, the gravest and newest on top", () => {
  const alerts = new Alerts();
  alerts.update([
    alert("old-warning", "warning", 1), alert("notice", "notice", 9), alert("new-warning", "warning", 5),
    alert("taken", "warning", 10, { acknowledged_ns: 11, acknowledged_by: "Bat" }),
  ]);
  expect(alerts.ordered().map(({ id }) => id)).toEqual(["new-warning", "old-warning", "notice", "taken"]);
  expect(alerts.waiting()).toHaveLength(3);
});

it("tells new alerts from changed ones, and the last one counts", () => {
  const alerts = new Alerts();
  expect(alerts.update([alert("a", "notice", 1)])).toHaveLength(1);
  expect(alerts.update([alert("a", "warning", 1)])).toHaveLength(0);
  expect(alerts.get("a")!.severity).toBe("warning");
});

it("stays bounded, and forgets what somebody took before what waits", () => {
  const alerts = new Alerts();
  const taken = Array.from({ length: 600 }, (_, i) => alert(`t${i}`, "warning", i, { acknowledged_ns: 1 }));
  alerts.update([...taken, alert("waiting", "notice", 0)]);
  expect(alerts.ordered()).toHaveLength(500);
  expect(alerts.get("waiting")).toBeDefined();
});
