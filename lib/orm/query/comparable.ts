import { type RawBuilder, sql } from 'kysely';
import type { DialectName } from '../../plan/dialect.js';
import type { MappedColumn } from '../mapping/mapping.js';

/**
 * A column, or a value of it, as `<` and an order have to see it: a decimal that is text would stand before '9' as '10'.
 * As a real it is right to 15 digits. For `=` the text is, and finds an index.
 */
export function comparable<T>(dialect: DialectName, column: MappedColumn, expression: RawBuilder<T>): RawBuilder<T> {
  const isText = dialect === 'sqlite' && column.definition.type.storedAs === 'decimal';
  return isText ? sql`cast(${expression} as real)` : expression;
}
