// Numbers as an operator reads them. Missing ones are a dash, never a zero.

const DASH = "–";

function pad(value: number, digits: number): string {
  return String(Math.floor(Math.abs(value))).padStart(digits, "0");
}

/** Date-time group of a UTC time: `24 NOV 2026 00:15:57Z`. */
export function utc(ms: number): { date: string; time: string } {
  if (!Number.isFinite(ms) || ms <= 0) return { date: DASH, time: "--:--:--" };
  const [day, clock] = new Date(ms).toISOString().split("T") as [string, string];
  const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
  const [year, month, date] = day.split("-") as [string, string, string];
  return { date: `${date} ${months[Number(month) - 1]} ${year}`, time: clock.slice(0, 8) };
}

export function clockTime(ms: number): string {
  return ms > 0 ? `${utc(ms).time}Z` : DASH;
}

/** A span of time in its largest fitting unit: `8 s`, `4 min 05 s`, `3 h 12 min`. */
export function span(seconds: number): string {
  if (!Number.isFinite(seconds)) return DASH;
  const s = Math.max(0, Math.round(seconds));
  if (s < 100) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${pad(s % 60, 2)} s`;
  return `${Math.floor(s / 3600)} h ${pad((s % 3600) / 60, 2)} min`;
}

/** Degrees and decimal minutes with hemisphere: `49°12.345′N 092°03.210′E`. */
export function latLon(lat: number, lon: number): string {
  if (!Number.isFinite(lat) || !Number.isFinite(lon)) return DASH;
  return `${angle(lat, 2, lat < 0 ? "S" : "N")} ${angle(lon, 3, lon < 0 ? "W" : "E")}`;
}

function angle(value: number, digits: number, hemisphere: string): string {
  const thousandths = Math.round(Math.abs(value) * 60000);
  const degrees = Math.floor(thousandths / 60000);
  const minutes = ((thousandths % 60000) / 1000).toFixed(3).padStart(6, "0");
  return `${pad(degrees, digits)}°${minutes}′${hemisphere}`;
}

export function kmh(speed: number): string {
  return Number.isFinite(speed) ? `${Math.round(speed * 3.6)}` : DASH;
}

export function metres(value: number): string {
  return Number.isFinite(value) ? (Math.round(value) + 0).toLocaleString("en").replace(/,/g, " ") : DASH;
}

/** Distance for people: metres below 2 km, kilometres above. */
export function distance(value: number): string {
  if (!Number.isFinite(value)) return DASH;
  if (value < 2000) return `${Math.round(value)} m`;
  return `${(value / 1000).toFixed(value < 20000 ? 2 : 1)} km`;
}

export function bearing(degrees: number): string {
  if (!Number.isFinite(degrees)) return DASH;
  return `${pad(Math.round(degrees) % 360, 3)}°`;
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : DASH;
}

/** Mode S address as six hexadecimal digits, Mode 3/A as four octal ones. */
export function modeS(address: number): string {
  return address > 0 ? address.toString(16).toUpperCase().padStart(6, "0") : "";
}

export function mode3a(code: number): string {
  return code >= 0 ? code.toString(8).padStart(4, "0") : "";
}

export function borderKm(border: string, km: number | null): string {
  return km === null || !Number.isFinite(km) ? "" : `${border} km ${km.toFixed(1)}`.trim();
}
