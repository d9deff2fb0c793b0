// Web Mercator, the map's plane: metres at the equator.

const RADIUS = 6378137;
const DEGREE = Math.PI / 180;

export function mercatorX(lonDeg: number): number {
  return RADIUS * lonDeg * DEGREE;
}

export function mercatorY(latDeg: number): number {
  return RADIUS * Math.log(Math.tan(Math.PI / 4 + (latDeg * DEGREE) / 2));
}

export function lonDeg(x: number): number {
  return x / RADIUS / DEGREE;
}

export function latDeg(y: number): number {
  return (2 * Math.atan(Math.exp(y / RADIUS)) - Math.PI / 2) / DEGREE;
}

/** How many map metres one metre on the ground takes at this latitude. */
export function stretch(latDegrees: number): number {
  return 1 / Math.cos(latDegrees * DEGREE);
}

/** Ground distance [m] and bearing [deg] between two places, on the sphere of mean radius. */
export function rangeAndBearing(
  lat1: number,
  lon1: number,
  lat2: number,
  lon2: number,
): { range: number; bearing: number } {
  const [a, b, d] = [lat1 * DEGREE, lat2 * DEGREE, (lon2 - lon1) * DEGREE];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(d / 2) ** 2;
  const east = Math.sin(d) * Math.cos(b);
  const north = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(d);
  return {
    range: 2 * 6371008.8 * Math.asin(Math.min(1, Math.sqrt(half))),
    bearing: (Math.atan2(east, north) / DEGREE + 360) % 360,
  };
}

/** Latitude and longitude [deg] at the end of a way over the sphere of mean radius. */
export function destination(lat: number, lon: number, range: number, bearing: number): [lat: number, lon: number] {
  const arc = range / 6371008.8;
  const [from, turn] = [lat * DEGREE, bearing * DEGREE];
  const end = Math.asin(Math.sin(from) * Math.cos(arc) + Math.cos(from) * Math.sin(arc) * Math.cos(turn));
  const east = Math.atan2(
    Math.sin(turn) * Math.sin(arc) * Math.cos(from),
    Math.cos(arc) - Math.sin(from) * Math.sin(end),
  );
  return [end / DEGREE, lon + east / DEGREE];
}
