import type { Connection, RawRow } from '../../connection/connection.js';
import { EntityStateError } from '../../errors.js';
import type { Changes } from '../../plan/changes.js';
import type { MappedColumn, Mapping } from '../mapping/mapping.js';

/**
 * The keys that MySQL made for the rows of one INSERT, from the first of them, which is the one that it tells. The rows of a
 * statement that says how many it has get numbers that follow one another, whatever others insert meanwhile.
 */
export function numberFromFirst(
  { keyStep = 1 }: Connection,
  mapping: Mapping,
  { index, name, definition }: MappedColumn,
  rows: readonly RawRow[],
  { insertId }: Changes,
): void {
  if (insertId === undefined || insertId === 0)
    throw new EntityStateError({
      entity: mapping.name,
      problem: `has no key: its column '${name}' is not made by auto_increment`,
      wayOut: 'Make the column so, or give the key to new, perhaps by a default() that is a function.',
    });
  // More than 1 where several servers write to one another.
  const step = BigInt(keyStep);
  let next = BigInt(insertId);
  for (const row of rows) {
    // One that is no safe integer is refused by its column.
    row[index] = definition.type.storedAs === 'bigint' ? next : Number(next);
    next += step;
  }
}
