// Finds which expected item a person means by what they read off a worn plate.

/** Number of letters to change, add or leave out to make one text of the other. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

const LOOKALIKE: Record<string, string> = { O: "0", Q: "0", I: "1", L: "1", S: "5", B: "8", Z: "2" };

function bare(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, "").replace(/[OQILSBZ]/g, (letter) => LOOKALIKE[letter]!);
}

/** The expected items closest to what was typed, the closest first; at most three, none if far off. */
export function closest(typed: string, expected: readonly string[]): string[] {
  const wanted = bare(typed);
  if (!wanted) return [];
  const scored = expected.map((uid) => {
    const serial = bare(uid.split("/").at(-1)!);
    return { uid, far: Math.min(distance(wanted, serial), distance(wanted, bare(uid))) };
  });
  return scored.filter(({ far }) => far <= Math.max(1, wanted.length / 3)).sort((a, b) => a.far - b.far).slice(0, 3).map(({ uid }) => uid);
}
