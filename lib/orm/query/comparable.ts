import type { RawBuilder } from 'kysely';
import type { DialectName } from '../../plan/dialect.js';
import { kyselySql as sql } from '../../plan/kysely.js';
import type { ColumnType } from '../columns/column-type.js';
import type { MappedColumn } from '../mapping/mapping.js';
import { nativeDigits } from '../schema/mysql-types.js';

/**
 * A column, or a value of it, as `<` and an order have to see it: a decimal that is text would stand before '9' as '10'.
 * As a real it is right to 15 digits, as MySQL's own decimal to 30 on either side of the point. For `=` the text is, and
 * finds an index.
 */
export function comparable<T>(dialect: DialectName, column: MappedColumn, expression: RawBuilder<T>): RawBuilder<T> {
  const { type } = column.definition;
  if (type.storedAs !== 'decimal') return expression;
  if (dialect === 'sqlite') return sql`cast(${expression} as real)`;
  return nativeDigits(type) === undefined ? sql`cast(${expression} as decimal(65, 30))` : expression;
}

/** A column as `=` has to see it. */
export const equatable = (dialect: DialectName, column: MappedColumn, name: string): string | RawBuilder<unknown> =>
  isJson(dialect, column) ? asJson(sql.ref(name)) : name;

/** A value of a column as a comparison has to see it: MySQL would compare a decimal and a text as doubles, and no JSON with a text. */
export function bound(dialect: DialectName, column: MappedColumn, value: unknown): RawBuilder<unknown> {
  if (isJson(dialect, column)) return asJson(sql`${value}`);
  const digits = dialect === 'mysql' ? nativeDigits(column.definition.type as ColumnType<unknown>) : undefined;
  return digits === undefined
    ? sql`${value}`
    : sql`cast(${value} as decimal(${sql.lit(digits.precision)}, ${sql.lit(digits.scale)}))`;
}

const isJson = (dialect: DialectName, { definition }: MappedColumn): boolean =>
  dialect === 'mysql' && definition.type.storedAs === 'json';
/** MariaDB, whose JSON is text, knows no such cast, and passes over what is meant for MySQL 8. */
const asJson = (expression: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`/*!80000 cast(*/ ${expression} /*!80000 as json) */`;
