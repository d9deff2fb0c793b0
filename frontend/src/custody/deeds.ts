// What can be signed from the overview and the release page, beside cases and proposals.

import { h } from "../dom";
import type { Sign } from "./proposals";
import type { Row, State } from "./client";
import { askFor, lines } from "./forms";
import { unhex } from "./statement";
import { day, until } from "./words";

export async function answerInspection(one: Row, sign: Sign): Promise<void> {
  const told = await askFor("Answer to an inspection", [
    { name: "text", label: "Answer", kind: "text" },
    { name: "refused", label: "Inspection", kind: "choice", options: [["no", "is allowed"], ["yes", "is refused; the origin is told"]] },
  ], "Read it over");
  if (told) await sign("answer", { text: told["text"]!, refused: told["refused"] === "yes" }, [unhex(one.key)], `inspection asked by ${String(one["by"])}: ${String(one["text"])}`);
}

export async function answerOffer(one: Row, yes: boolean, sign: Sign): Promise<void> {
  const items = (one["items"] ?? []) as string[];
  const about = `offer by ${String(one["by"])}: ${items.join(", ")} to ${String(one["to"])} at ${String(one["site"])}, purpose ${String(one["purpose"])}`;
  if (yes) return sign("accept", { items }, [unhex(one.key)], about);
  const told = await askFor("Decline an offer", [{ name: "why", label: "Why", kind: "text" }], "Read it over");
  if (told) await sign("decline", { why: told["why"]! }, [unhex(one.key)], about);
}

/** Dangers to life that were declared, how long each still opens its releases, and a way to declare one. */
export function emergencies(state: State, sign: Sign): HTMLElement {
  const rows = (state.emergencies ?? []).map((one) => {
    const ends = Number(one["until_ns"]);
    const on = ends > state.now_ns;
    return h("p", {}, h("span", { class: "tag", "data-grade": on ? "bad" : "" }, on ? `open, ends ${until(ends, state.now_ns)}` : `ended ${day(ends)}`),
      ` ${String(one["reason"])} · to ${((one["to"] ?? []) as string[]).join(", ")} · by ${String(one["by"])}${one["review"] ? ` · reviewed: ${String(one["review"])}` : " · not reviewed"} `,
      one["review"] ? null : h("button", { type: "button", onclick: () => void review(one, sign) }, "Review…"));
  });
  const declare = async () => {
    const told = await askFor("Danger to life", [
      { name: "reason", label: "What happens", kind: "text" },
      { name: "areas", label: "Areas, one a line", kind: "lines" },
      { name: "to", label: "Release to, one a line", kind: "lines" },
      { name: "hours", label: "For how many hours", kind: "number", value: "4" },
    ], "Read it over");
    if (!told) return;
    const ends = BigInt(Math.round(Date.now() + Number(told["hours"]) * 3_600_000)) * 1_000_000n;
    await sign("emergency", { reason: told["reason"]!, areas: lines(told["areas"]), to: lines(told["to"]), until_ns: ends });
  };
  return h("section", { class: "sheet" }, h("h2", {}, "Emergency release"),
    h("p", { class: "soft" }, "Opens only what the agreement names for danger to life, ends by itself, and tells the origin."),
    ...rows, h("div", { class: "case-deeds" }, h("button", { type: "button", onclick: () => void declare() }, "Declare…")));
}

async function review(one: Row, sign: Sign): Promise<void> {
  const told = await askFor("Review of an emergency", [
    { name: "justified", label: "It was", kind: "choice", options: [["yes", "justified"], ["no", "not justified"]] },
    { name: "text", label: "Reasons", kind: "text" }], "Read it over");
  if (told) await sign("review", { text: told["text"]!, justified: told["justified"] === "yes" }, [unhex(one.key)], `emergency declared by ${String(one["by"])}: ${String(one["reason"])}`);
}
