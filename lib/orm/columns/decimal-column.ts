import { optionError, valueError } from '../../errors.js';
import { type Column, newColumn } from './column.js';
import type { ColumnType, Digits } from './column-type.js';

interface DecimalColumnOf {
  (digits?: DecimalDigits): Column<string>;
  <const N extends string>(name: N, digits?: DecimalDigits): Column<string, false, N>;
}
/** `{ precision: 10, scale: 2 }`: ten digits, two of them after the point; without a scale, none of them. */
export interface DecimalDigits {
  readonly precision: number;
  readonly scale?: number;
}

/**
 * An exact decimal, as a string: `'19.99'`. Stored in one spelling for each value, so that equal ones are equal in SQL
 * too: with as many digits after the point as its `scale` says, or else without zeros at the end. On SQLite it is text:
 * a query orders and compares it as a number all the same, right to 15 digits; SQL of your own needs a cast for that.
 */
export const decimal: DecimalColumnOf = (first?: string | DecimalDigits, second?: DecimalDigits) => {
  const [name, digits] = typeof first === 'object' ? [undefined, first] : [first, second];
  return newColumn(decimalType(digits && checkedDigits(digits)), name) as never;
};

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function decimalType(digits: Digits | undefined): ColumnType<string> {
  const allowed = `a decimal such as '19.99'${digits ? ` of ${digits.precision} digits, ${digits.scale} after the point` : ''}`;
  const write = (value: string, place: string): string => {
    if (typeof value !== 'string') throw valueError(place, value, allowed);
    if (!DECIMAL.test(value)) throw valueError(place, value, allowed, 'range');
    const shortest = canonical(value);
    if (digits === undefined) return shortest;
    const [whole = '', fraction = ''] = shortest.split('.');
    const isLarge = whole !== '0' && whole !== '-0' && whole.replace('-', '').length > digits.precision - digits.scale;
    // Zeros behind the scale say nothing; any other digit would be lost.
    if (isLarge || fraction.length > digits.scale) throw valueError(place, value, allowed, 'range');
    return digits.scale === 0 ? whole : `${whole}.${fraction.padEnd(digits.scale, '0')}`;
  };
  const read = (stored: unknown, place: string): string => {
    // What a column of numeric affinity makes of it.
    const value = typeof stored === 'number' || typeof stored === 'bigint' ? String(stored) : stored;
    if (typeof value !== 'string' || !DECIMAL.test(value))
      throw valueError(place, stored, `${allowed} in the database`);
    return value;
  };
  const same = (a: unknown, b: unknown): boolean => canonical(String(a)) === canonical(String(b));
  return { name: 'decimal', storedAs: 'decimal', write, read, same, digits };
}

/** The shortest spelling of a decimal. */
function canonical(value: string): string {
  let end = value.length;
  if (value.includes('.')) while (value[end - 1] === '0') end--;
  if (value[end - 1] === '.') end--;
  const shortest = value.slice(0, end);
  return shortest === '-0' ? '0' : shortest;
}

function checkedDigits({ precision, scale = 0 }: DecimalDigits): Digits {
  if (!Number.isSafeInteger(precision) || precision < 1)
    throw optionError('range', 'precision', precision, 'a whole number from 1');
  if (!Number.isSafeInteger(scale) || scale < 0 || scale > precision)
    throw optionError('range', 'scale', scale, `a whole number from 0 to the precision ${precision}`);
  return { precision, scale };
}
