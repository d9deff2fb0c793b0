// Ask once who acknowledges: an alert is taken by a person, by name.

import { h } from "../dom";

/** Ask for the operator's name; resolves with "" when they decline. */
export function askName(before: string): Promise<string> {
  const input = h("input", { type: "text", class: "filter", maxlength: 60, autocomplete: "name", "aria-label": "your name", value: before });
  const dialog = h("dialog", { class: "dialog", "aria-label": "your name" });
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", {}, "Who takes this alert?"),
    h("p", {}, "Your name is stored with every alert that you acknowledge. It is kept in this browser."),
    input,
    h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "small", onclick: () => dialog.close("") }, "Cancel"), h("button", { type: "submit", class: "small primary", value: "ok" }, "Save")),
  );
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "ok" ? input.value.trim() : "");
    });
  });
}
