// Small forms that ask for what an act needs, before it is shown in words and signed.

import { h } from "../dom";

export type Field =
  | { name: string; label: string; kind: "text" | "lines" | "number" | "date"; value?: string }
  | { name: string; label: string; kind: "choice"; options: readonly (readonly [string, string])[] };

/** Ask; gives the answers by field name, or null when the person turned away. */
export function askFor(title: string, fields: readonly Field[], go: string): Promise<Record<string, string> | null> {
  return new Promise((done) => {
    const inputs = fields.map((field) => [field.name, inputOf(field)] as const);
    const labels = fields.map((field, i) => h("label", {}, h("span", {}, field.label), inputs[i]![1]));
    const form = h("form", { method: "dialog" }, ...labels,
      h("div", { class: "sign-buttons" },
        h("button", { type: "button", onclick: () => dialog.close() }, "Leave it"),
        h("button", { type: "submit", class: "primary" }, go)));
    const dialog = h("dialog", { class: "sign", "aria-label": title }, h("h2", {}, title), form);
    let answers: Record<string, string> | null = null;
    form.addEventListener("submit", () => {
      answers = Object.fromEntries(inputs.map(([name, input]) => [name, input.value.trim()]));
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(answers);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function inputOf(field: Field): HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement {
  if (field.kind === "choice") {
    return h("select", { name: field.name }, ...field.options.map(([value, words]) => h("option", { value }, words)));
  }
  if (field.kind === "lines") {
    const area = h("textarea", { name: field.name, rows: 3 });
    area.value = field.value ?? "";
    return area;
  }
  return h("input", { name: field.name, type: field.kind, value: field.value ?? "" });
}

export function lines(text: string | undefined): string[] {
  return (text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
}
