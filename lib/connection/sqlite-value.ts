import { valueError } from '../errors.js';
import type { RawRow } from './connection.js';

const INT64 = 2n ** 63n;

/** A JavaScript value as SQLite binds it; refuses, by its place, what SQLite would change or not take. */
export function toSqlite(value: unknown, place: () => string): unknown {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
      if (value < -INT64 || value >= INT64) throw valueError(place(), value, 'a bigint of 64 bits', 'range');
      return value;
    case 'number':
      if (Number.isNaN(value))
        throw valueError(place(), value, 'no NaN, which SQLite stores as NULL: bind null if that is meant');
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'object':
      if (value === null || value instanceof Uint8Array) return value;
      if (value instanceof Date) return toTimestamp(value, place);
      break;
    default:
  }
  throw valueError(place(), value, 'a string, number, bigint, boolean, null, Date or Uint8Array');
}

/** UTC with milliseconds, in the form that SQLite's own date functions read: `2026-01-31 23:59:59.999`. */
export function toTimestamp(date: Date, place: () => string): string {
  if (Number.isNaN(date.getTime())) throw valueError(place(), date, 'a valid Date', 'range');
  return date.toISOString().replace('T', ' ').slice(0, -1);
}

/** Whether a double stands where an integer may have been rounded. */
export function mayBeRounded(rows: readonly RawRow[]): boolean {
  for (const row of rows) {
    for (const cell of row)
      if (typeof cell === 'number' && (cell > Number.MAX_SAFE_INTEGER || cell < Number.MIN_SAFE_INTEGER)) return true;
  }
  return false;
}

/** Integers as numbers wherever a number holds them exactly; in place. */
export function narrow(rows: RawRow[]): RawRow[] {
  for (const row of rows) narrowRow(row);
  return rows;
}
export function narrowRow(row: RawRow): RawRow {
  for (let i = 0; i < row.length; i++) if (typeof row[i] === 'bigint') row[i] = narrowInteger(row[i] as bigint);
  return row;
}
export const narrowInteger = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
