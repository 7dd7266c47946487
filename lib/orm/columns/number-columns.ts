import { valueError } from '../../errors.js';
import { type Column, type ColumnOf, columnOf } from './column.js';
import { type ColumnType, plainType } from './column-type.js';

const INT64 = 2n ** 63n;

/** What only a column of integers can be. */
export interface IntegerColumn<N extends string = never> extends Column<number, false, N> {
  /**
   * Counts the changes of the row, from 1: a flush that finds another count than it has read is a StaleEntityError, so
   * that nobody's change is lost.
   */
  version(): Column<number, true, N>;
}
interface IntegerColumnOf {
  (): IntegerColumn;
  <const N extends string>(name: N): IntegerColumn<N>;
}

/** A safe integer, as a number; 2^53 and beyond are refused both ways. */
export const integer: IntegerColumnOf = columnOf(
  plainType<number>('integer', 'a safe integer', Number.isSafeInteger, 'number'),
) as IntegerColumnOf;

const bigintType: ColumnType<bigint> = {
  name: 'bigint',
  storedAs: 'bigint',
  write: (value, place) => {
    if (typeof value !== 'bigint') throw valueError(place, value, 'a bigint');
    if (value < -INT64 || value >= INT64) throw valueError(place, value, 'a bigint of 64 bits', 'range');
    return value;
  },
  read: (stored, place) => {
    if (typeof stored === 'bigint') return stored;
    if (!Number.isSafeInteger(stored)) throw valueError(place, stored, 'an integer');
    return BigInt(stored as number);
  },
};
/** A 64-bit integer, always as a bigint. */
export const bigint: ColumnOf<bigint, number | bigint> = columnOf(bigintType);

const NO_NAN = 'a number that is not NaN';
const plainReal = plainType<number>('real', NO_NAN, (value) => !Number.isNaN(value), 'number');
const realType: ColumnType<number> = {
  ...plainReal,
  // MySQL would store -0 as such, and SQLite does not.
  write: (value, place) => (plainReal.write(value, place) as number) + 0,
  read: (stored, place) => {
    // A column of numeric affinity stores 1e17 as an integer, which is exact as a double too.
    const value = typeof stored === 'bigint' && BigInt(Number(stored)) === stored ? Number(stored) : stored;
    if (typeof value !== 'number') throw valueError(place, stored, NO_NAN);
    return value;
  },
  same: (a, b) => typeof b === 'bigint' && Number(b) === a,
};
/** A double; NaN is refused, since SQLite would store it as NULL. */
export const real: ColumnOf<number> = columnOf(realType);

const booleanType: ColumnType<boolean> = {
  name: 'boolean',
  storedAs: 'boolean',
  write: (value, place) => {
    if (typeof value !== 'boolean') throw valueError(place, value, 'true or false');
    return value ? 1 : 0;
  },
  read: (stored, place) => {
    if (stored !== 0 && stored !== 1) throw valueError(place, stored, '0 or 1 in the database');
    return stored === 1;
  },
};
/** `true` and `false`, stored as 1 and 0. */
export const boolean: ColumnOf<boolean, number, number | boolean> = columnOf(booleanType);
