// The keyboard: one table from keys to deeds, silent while somebody types or a dialog is open.

export type Deed = () => void;

/** Elements that keep Enter and Space to themselves. */
const PRESSABLE = "button, a, summary, select, [role=tab]";
const TYPING = "input, textarea, select";

export function listenToKeys(deeds: Record<string, Deed>, leaveField: Deed): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("dialog[open]")) return; // a closed one may keep the focus for one frame more
    if (target.matches(TYPING)) {
      if (event.key === "Escape" || event.key === "Enter") leaveField();
      return;
    }
    if ((event.key === "Enter" || event.key === " ") && target.closest(PRESSABLE)) return;
    if (event.key.startsWith("Arrow") && target.closest("[role=listbox]")) {
      const step = event.key === "ArrowDown" ? "j" : event.key === "ArrowUp" ? "k" : null;
      if (step) run(deeds[step], event);
      return;
    }
    run(deeds[event.key.length === 1 ? event.key.toLowerCase() : event.key], event);
  });
}

function run(deed: Deed | undefined, event: KeyboardEvent): void {
  if (!deed) return;
  event.preventDefault();
  deed();
}
