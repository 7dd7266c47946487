import { types } from 'node:util';
import { valueError } from '../../errors.js';
import { type ColumnOf, columnOf } from './column.js';
import { type ColumnType, plainType } from './column-type.js';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
/** A day of the calendar, as `'2026-01-31'`: it has no hour and no time zone, as a birthday has none. */
export const date: ColumnOf<string> = columnOf(
  plainType<string>('date', 'a day of the calendar, such as 2026-01-31', isDay, 'string'),
);

function isDay(value: string): boolean {
  const parts = DATE.exec(value);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day >= 1 && day <= ((month === 2 && isLeap ? 29 : DAYS[month - 1]) ?? 0);
}
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const IN_DATABASE = 'a timestamp in the database, such as 2026-01-31 23:59:59.999';
const timestampType: ColumnType<Date> = {
  name: 'timestamp',
  storedAs: 'timestamp',
  write: (value, place) => {
    // Not instanceof: a Date of another realm is one, and an object that was only made to look like one is not.
    if (!types.isDate(value) || Number.isNaN(value.getTime())) throw valueError(place, value, 'a valid Date');
    const year = value.getUTCFullYear();
    if (year < 0 || year > 9999) throw valueError(place, value, 'a Date in the years 0 to 9999', 'range');
    return value.toISOString().replace('T', ' ').slice(0, -1);
  },
  read: (stored, place) => {
    const moment = parse(stored);
    if (moment === undefined) throw valueError(place, stored, IN_DATABASE);
    return moment;
  },
  same: (a, b) => parse(a)?.getTime() === parse(b)?.getTime(),
};
/**
 * A moment as a Date: UTC, milliseconds, stored as `2026-01-31 23:59:59.999`, which SQLite's date functions read. SQL of
 * your own writes the same with `strftime('%Y-%m-%d %H:%M:%f', 'now')`; what `current_timestamp` writes equals no Date.
 */
export const timestamp: ColumnOf<Date, string, string | Date> = columnOf(timestampType);

const TIMESTAMP = /^(\d{4}-\d\d-(\d\d))[ T](\d\d:\d\d:\d\d(?:\.\d+)?)Z?$/;
function parse(stored: unknown): Date | undefined {
  const parts = typeof stored === 'string' ? TIMESTAMP.exec(stored) : null;
  if (parts === null) return undefined;
  const moment = new Date(`${parts[1]}T${parts[3]}Z`);
  // The 30th of February would be the 2nd of March. What is no time at all has no day either.
  return moment.getUTCDate() === Number(parts[2]) ? moment : undefined;
}
