import { decimal, figure, format } from './figures.js';
import type { Line } from './lines.js';
import type { Spread } from './statistics.js';

export const HEAD = ['trial', 'what', 'contender', 'figure', 'against', 'ratio', 'must reach', 'aim at', 'reached?'];

/** The lines as text, column by column. */
export function cellsOf(line: Line): string[] {
  const { trial, what, of, own, against, others, ratio, goal, verdict } = line;
  const target = (value: number | undefined) => {
    if (value === undefined) return '–';
    const sign = figure(line.figure).better === 'more' ? '≥' : '≤';
    return `${sign} ${ratio ? `${decimal(value, 2)}x` : format(line.figure, value)}`;
  };
  return [
    trial,
    what,
    of,
    range(own, (value) => format(line.figure, value)),
    against && others ? `${format(line.figure, others.median)} (${against})` : '',
    ratio ? range(ratio, (value) => `${decimal(value, 2)}x`) : '',
    target(goal?.must),
    target(goal?.aim),
    verdict,
  ];
}

export function table(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function range({ median, min, max }: Spread, write: (value: number) => string): string {
  return min === max ? write(median) : `${write(median)} (${write(min)} … ${write(max)})`;
}
