/** Several runs in three numbers. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The percentiles that a distribution is kept as. */
export const PERCENTILES = [0, 1, 2, 5, ...Array.from({ length: 18 }, (_, i) => 10 + i * 5), 98, 99, 99.5, 99.9, 100];

export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('There is no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 50), min: sorted[0]!, max: sorted.at(-1)! };
}

/** Each round's own ratio: what slowed the machine in one round slowed both, and drops out. */
export function ratios(own: readonly number[], others: readonly number[]): number[] {
  if (own.length !== others.length) throw new RangeError('Ratios are taken within rounds: both need the same number');
  return own.map((value, round) => value / others[round]!);
}

/** Between two ranks it lies on the line between them. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const rank = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(rank)]!;
  const above = sorted[Math.ceil(rank)]!;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** The same place of several lists, as one list of medians. */
export function medians(lists: readonly (readonly number[])[]): number[] {
  const length = Math.min(...lists.map((list) => list.length));
  return Array.from({ length }, (_, i) => spread(lists.map((list) => list[i]!)).median);
}
