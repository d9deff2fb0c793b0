// Plain tables of the register: what it holds, with moments as days and lateness marked.

import { h } from "../dom";
import type { Row } from "./client";
import { day, until } from "./words";

export function table(title: string, rows: readonly Row[], wanted: readonly string[], nowNs: number): HTMLElement {
  const columns = wanted.filter((name) => rows.some((row) => row[name] !== undefined && row[name] !== "" && row[name] !== null));
  const cell = (row: Row, name: string) => {
    const value = row[name];
    if (!name.endsWith("_ns")) return h("td", {}, Array.isArray(value) ? value.join(", ") : typeof value === "object" && value ? JSON.stringify(value) : String(value ?? ""));
    const late = name.includes("due") && Number(value) < nowNs;
    return h("td", { "data-grade": late ? "bad" : undefined }, day(Number(value)), name.includes("due") ? ` ${until(Number(value), nowNs)}` : "");
  };
  return h("section", { class: "sheet" }, h("h2", {}, `${title} (${rows.length})`),
    rows.length === 0 ? h("p", { class: "soft" }, "None.") : h("table", {},
      h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", {}, name.replace(/_ns$/, "").replaceAll("_", " "))))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...columns.map((name) => cell(row, name)))))));
}
