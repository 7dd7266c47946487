/** The name that was probably meant: within a third of its length in edits, or a last part that is the same. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance =
      name.toLowerCase() === wanted.toLowerCase() || name.endsWith(`.${wanted}`) ? 0 : edits(wanted, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Levenshtein's distance, one row at a time; neighbours that changed their places are one edit too. */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (before[j - 2] as number) + 1 : change;
      next[j] = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, change, swap);
    }
    [before, row] = [row, next];
  }
  return row[b.length] as number;
}
