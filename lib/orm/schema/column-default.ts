import type { RawBuilder } from 'kysely';
import type { DialectName } from '../../plan/dialect.js';
import { kysely, kyselySql as sql } from '../../plan/kysely.js';
import { type Definition, databaseDefault } from '../columns/column.js';
import { bytesLiteral, inlined } from './literal.js';

/** Also a value of ours: who writes past the entities has it then too. A function's is made for entities only. */
export function defaultOf(
  definition: Definition,
  dialect: DialectName,
  place: string,
): RawBuilder<unknown> | undefined {
  const expression = databaseDefault(definition);
  if (expression !== undefined) {
    const isNow = definition.type.storedAs === 'timestamp' && isCurrentTimestamp(expression);
    return isNow ? sql.raw(sqlNow[dialect]) : inlined(expression);
  }
  const value = definition.default?.value;
  if (value === undefined || value === null || typeof value === 'function') return undefined;
  const stored = definition.type.write(value, place);
  if (stored instanceof Uint8Array) return bytesLiteral(stored);
  // SQL text has no word for these.
  if (stored === Number.POSITIVE_INFINITY || stored === Number.NEGATIVE_INFINITY) return undefined;
  return typeof stored === 'string' && stored.includes('\0') ? undefined : sql.lit(stored);
}

/** The moment, as a `timestamp()` stores it: what `current_timestamp` answers would not equal it, nor stand beside it in order. */
const sqlNow: Readonly<Record<DialectName, string>> = {
  sqlite: "strftime('%Y-%m-%d %H:%M:%f', 'now')",
  mysql: 'utc_timestamp(3)',
};

function isCurrentTimestamp(expression: RawBuilder<unknown>): boolean {
  const node = expression.toOperationNode();
  return (
    kysely().RawNode.is(node) && node.parameters.length === 0 && /^current_timestamp$/i.test(node.sqlFragments.join(''))
  );
}
