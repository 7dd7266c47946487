import type { RawBuilder } from 'kysely';
import { sql } from '../../plan/sql.js';
import type { Definition } from '../columns/column.js';
import type { ColumnType, Digits, StoredAs } from '../columns/column-type.js';
import type { Table } from './table.js';

const NATIVE_PRECISION = 65;
const NATIVE_SCALE = 30;
/** An index takes 3072 bytes, and a character of utf8mb4 four of them. */
const INDEX_BYTES = 3_000;
const LONGEST = 255;

/** Of MySQL's own decimals each column has one number of digits; what says none, or more than there may be, is text. */
export const nativeDigits = ({ storedAs, digits }: ColumnType<unknown>): Digits | undefined =>
  storedAs === 'decimal' && digits !== undefined && digits.precision <= NATIVE_PRECISION && digits.scale <= NATIVE_SCALE
    ? digits
    : undefined;

/** Long texts have no default that is a plain value, only an expression. */
export const isLong = (type: string): boolean => /^(?:long|json)/.test(type);

/** What a column of a table is called on MySQL. What an index holds has to be bounded. */
export function mysqlType(table: Table, name: string, { type }: Definition): string {
  const digits = nativeDigits(type);
  if (digits !== undefined) return `decimal(${digits.precision}, ${digits.scale})`;
  const length = indexedLength(table, name);
  return length === undefined ? TYPES[type.storedAs] : (INDEXED[type.storedAs]?.(length) ?? TYPES[type.storedAs]);
}

const ASCII = 'character set ascii collate ascii_bin';
const TYPES: Readonly<Record<StoredAs, string>> = {
  integer: 'bigint',
  bigint: 'bigint',
  real: 'double',
  decimal: `longtext ${ASCII}`,
  text: 'longtext',
  uuid: `char(36) ${ASCII}`,
  boolean: 'boolean',
  date: 'date',
  timestamp: 'datetime(3)',
  json: 'json',
  blob: 'longblob',
};
const INDEXED: Partial<Readonly<Record<StoredAs, (length: number) => string>>> = {
  decimal: (length) => `varchar(${length}) ${ASCII}`,
  text: (length) => `varchar(${length})`,
  blob: (length) => `varbinary(${length})`,
};

/** How many characters a column may have for all indexes that it is in; undefined where it is in none. */
function indexedLength({ primaryKey, unique, indexes, columns }: Table, name: string): number | undefined {
  const alone = columns.filter(({ definition }) => definition.isUnique).map((column) => [column.name]);
  const widths = [primaryKey, ...unique, ...indexes, ...alone]
    .filter((list) => list.includes(name))
    .map((list) => Math.floor(INDEX_BYTES / 4 / list.length));
  return widths.length === 0 ? undefined : Math.min(LONGEST, ...widths);
}

/**
 * The collation in which two texts are equal only if they are the same: 'a' and 'A' are two, and so are 'a' and 'a '.
 * MariaDB and MySQL have a name each for it; what is older has none, and takes blanks at the end for nothing.
 */
export const exactCollation: RawBuilder<{ name: string }> = sql<{ name: string }>`select collation_name as name
  from information_schema.collations where collation_name in ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin', 'utf8mb4_bin')
  order by collation_name = 'utf8mb4_bin' limit 1`;
