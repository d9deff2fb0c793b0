// What a cell's colour says.

/** 0 not seen, 1 in part or by one site, 2 by every class or by several. */
export function gradesOf(counts: Uint8Array, classes: number, kind: number): Uint8Array<ArrayBuffer> {
  const grades = new Uint8Array(counts.length / classes);
  for (let i = 0; i < grades.length; i++) {
    if (kind > 0) {
      grades[i] = Math.min(2, counts[i * classes + kind - 1]!);
      continue;
    }
    let seen = 0;
    for (let c = 0; c < classes; c++) if (counts[i * classes + c]! > 0) seen++;
    grades[i] = seen === 0 ? 0 : seen === classes ? 2 : 1;
  }
  return grades;
}
