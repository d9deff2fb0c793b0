// The track list's filter line: words that must be there, `!word` that must not, and comparisons
// (`speed>60`, `agl<500`) on numbers in the units of the list.

export interface Row {
  words: string;
  speed: number;
  height: number;
  agl: number;
  existence: number;
  seen: number;
}

export type Predicate = (row: Row) => boolean;

const COMPARISON = /^(speed|height|agl|existence|seen)([<>])(-?\d+(?:\.\d+)?)$/;

/** Compile what the operator typed; an empty line lets everything pass. */
export function compileFilter(line: string): Predicate {
  const terms = line.toLowerCase().split(/\s+/).filter(Boolean).map(compileTerm);
  return (row) => terms.every((term) => term(row));
}

function compileTerm(term: string): Predicate {
  const comparison = COMPARISON.exec(term);
  if (comparison) {
    const name = comparison[1] as "speed" | "height" | "agl" | "existence" | "seen";
    const limit = Number(comparison[3]);
    return comparison[2] === "<" ? (row) => row[name] < limit : (row) => row[name] > limit;
  }
  if (term.startsWith("!") && term.length > 1) {
    const word = term.slice(1);
    return (row) => !row.words.includes(word);
  }
  return (row) => row.words.includes(term);
}
