// What the operator has chosen: selection, layers, list order. Kept here once; others listen.

export type Layer = "labels" | "tails" | "plots" | "rings" | "vectors";
export type SymbolMode = "auto" | "symbols" | "points";
export type Tab = "alerts" | "tracks" | "detail" | "sensors" | "coverage";

const KEPT = "steppewatch.operator";

interface Kept {
  name: string;
  sound: boolean;
  night: boolean;
  layers: Record<Layer, boolean>;
}

export class Operator {
  selected: number | null = null;
  follow = false;
  tab: Tab = "alerts";
  symbols: SymbolMode = "auto";
  name = "";
  sound = false;
  night = false;
  layers: Record<Layer, boolean> = {
    labels: true, tails: true, plots: true, rings: false, vectors: true,
  };
  private readonly listeners: (() => void)[] = [];

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Kept>;
      this.name = kept.name ?? "";
      this.sound = kept.sound ?? false;
      this.night = kept.night ?? false;
      Object.assign(this.layers, kept.layers);
    } catch {
      // A browser that keeps nothing, or something else under our name: start with the defaults.
    }
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Change some choices, keep those that last, tell everybody once. */
  set(change: Partial<Operator>): void {
    Object.assign(this, change);
    if (change.selected === null) this.follow = false;
    const { name, sound, night, layers } = this;
    try {
      localStorage.setItem(KEPT, JSON.stringify({ name, sound, night, layers } satisfies Kept));
    } catch {
      // As above: the choices then last as long as the page.
    }
    for (const listener of this.listeners) listener();
  }

  toggle(layer: Layer): void {
    this.set({ layers: { ...this.layers, [layer]: !this.layers[layer] } });
  }
}
