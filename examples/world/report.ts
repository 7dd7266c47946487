import type { Figures } from './trial.js';

/** The same calls, made both ways. */
export interface Comparison {
  what: string;
  plain: Figures;
  pooled: Figures;
}

const HEAD = ['', 'where', 'calls/s', 'delay p50', 'p99', 'max', 'ratio'];

export function table(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap((both) => [
    [both.what, 'main thread', ...columns(both.plain), ''],
    [both.what, 'pool', ...columns(both.pooled), speed(both)],
  ]);
  const lines = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((cell, column) => align(cell, column, widths[column] ?? 0)).join('   '))
    .join('\n');
}

/** The figures in one sentence, which claims no more than they do. */
export function conclusion(comparisons: readonly Comparison[]): string {
  const speeds = comparisons.map((both) => `${both.what} at ${speed(both)}`);
  const worst = (way: 'plain' | 'pooled') => milliseconds(Math.max(...comparisons.map((both) => both[way].delay.max)));
  return (
    `Through the pool: ${speeds.join(', ')} the speed of plain calls on the main thread, ` +
    `whose event loop was at worst ${worst('pooled')} late, against ${worst('plain')} with plain calls.`
  );
}

function columns({ callsPerSecond, delay }: Figures): string[] {
  return [Math.round(callsPerSecond).toLocaleString('en'), ...[delay.p50, delay.p99, delay.max].map(milliseconds)];
}

function align(cell: string, column: number, width: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

function speed({ plain, pooled }: Comparison): string {
  return `${(pooled.callsPerSecond / plain.callsPerSecond).toFixed(2)}x`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
