// Figures as a planner reads them.

/** A share with one decimal, never rounded up to a whole that it is not. */
export function share(value: number): string {
  const tenths = value > 0.999 ? Math.floor(value * 1000 + 1e-9) : Math.round(value * 1000);
  return `${(tenths / 10).toFixed(1)} %`;
}

/** A change of share in percentage points, with its sign. */
export function points(change: number): string {
  const hundredths = Math.round(change * 1e4);
  if (hundredths === 0) return Math.abs(change) < 1e-9 ? "±0" : change > 0 ? "+0.00" : "−0.00";
  return `${hundredths > 0 ? "+" : "−"}${(Math.abs(hundredths) / 100).toFixed(2)}`;
}

export function money(amount: number, currency: string): string {
  if (amount >= 1e6) return `${(amount / 1e6).toLocaleString("en", { maximumFractionDigits: 2 })} M ${currency}`;
  return `${Math.round(amount).toLocaleString("en")} ${currency}`;
}

export function stretchWords(one: { border: string; from_km: number; to_km: number }): string {
  const km = (value: number) => Math.round(value).toLocaleString("en");
  return `${one.border} km ${km(one.from_km)}–${km(one.to_km)}`;
}

export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text ? text[0]!.toUpperCase() + text.slice(1) : text;
}
