// The two dialogs of this page: who I am, and what exactly I sign.

import { h } from "../dom";
import { Refused, codeOf, handIn } from "./client";
import { type Identity, forget, importIdentity, makeIdentity } from "./keep";
import { type Act, hex, kidOf, signAct } from "./statement";
import { deedOf, fieldsOf } from "./words";

/** Show an act in words and sign it; true when the office took it. */
export function confirmAndSign(me: Identity, act: Act, about: string | [string, string][] = "", long = ""): Promise<boolean> {
  return new Promise((done) => {
    const said = h("p", { class: "sign-refused", role: "alert", hidden: true });
    const sign = h("button", { type: "button", class: "primary" }, `Sign as ${me.id}`);
    const leave = h("button", { type: "button" }, "Leave it");
    const fields = fieldsOf(act);
    if (typeof about !== "string") fields.push(...about);
    else if (about) fields.push(["that statement says", about]);
    const rows = fields.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
    const dialog = h("dialog", { class: "sign", "aria-label": "what you sign" },
      h("h2", {}, "You sign exactly this"),
      h("p", { class: "sign-deed" }, `I, ${me.id}, ${deedOf(act.kind)}:`),
      h("dl", {}, ...rows), long ? h("pre", { class: "sign-text", tabindex: 0 }, long) : null, said,
      h("p", { class: "soft" }, `Kind ${act.kind}. It cannot be taken back: what is signed stays in the ledger.`),
      h("div", { class: "sign-buttons" }, leave, sign));
    let taken = false;
    sign.addEventListener("click", () => void (async () => {
      sign.disabled = true;
      try {
        await handIn(await signAct(act, me));
        taken = true;
        dialog.close();
      } catch (error) {
        const reasons = error instanceof Refused ? error.reasons : [String((error as Error).message)];
        said.hidden = false;
        said.textContent = `Refused: ${reasons.join("; ")}`;
      }
    })());
    leave.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(taken);
    });
    document.body.append(dialog);
    dialog.showModal();
    sign.focus();
  });
}

/** Ask who sits here: a key made in this browser, or one from a file. */
export function askWho(me: Identity | null): Promise<Identity | null> {
  return new Promise((done) => {
    const name = h("input", { type: "text", placeholder: "your id in the ledger", "aria-label": "your id", value: me?.id ?? "" });
    const file = h("input", { type: "file", accept: ".pem", "aria-label": "key file" });
    const said = h("p", { class: "sign-refused", role: "alert", hidden: true });
    const make = h("button", { type: "button" }, "Make a key in this browser");
    const shut = h("button", { type: "button", class: "primary" }, "Done");
    const code = h("div", { class: "enrol" });
    const dialog = h("dialog", { class: "sign", "aria-label": "who signs here" },
      h("h2", {}, "Who signs here"),
      h("p", {}, "Your key stays in this browser and cannot be read out of it. The node never sees it."),
      h("label", {}, "Id ", name), h("label", {}, "Key from a file (PKCS#8 PEM) ", file), make, said, code,
      h("div", { class: "sign-buttons" }, me ? h("button", { type: "button", onclick: () => void leave() }, "Forget this key") : null, shut));
    let who = me;
    const leave = async () => {
      await forget();
      who = null;
      dialog.close();
    };
    const take = async (work: (id: string) => Promise<Identity>) => {
      said.hidden = true;
      try {
        if (!name.value.trim()) throw new Error("write your id first");
        who = await work(name.value.trim());
        await show();
      } catch (error) {
        said.hidden = false;
        said.textContent = (error as Error).message || "this file holds no Ed25519 key";
      }
    };
    const show = async () => {
      if (!who) return;
      const text = `steppewatch:key:EdDSA:${hex(who.public)}`;
      code.replaceChildren(
        h("img", { src: codeOf(text), alt: "enrolment code" }),
        h("p", {}, `Enrolment code of ${who.id}: two officers check it and enrol this key.`),
        h("code", {}, text), h("p", { class: "soft" }, `key name ${hex(await kidOf(who.public)).slice(0, 16)}`));
    };
    make.addEventListener("click", () => void take(makeIdentity));
    file.addEventListener("change", () => void (async () => {
      const pem = await file.files?.[0]?.text();
      if (pem) await take((id) => importIdentity(id, pem));
    })());
    shut.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(who);
    });
    document.body.append(dialog);
    dialog.showModal();
    void show();
  });
}
