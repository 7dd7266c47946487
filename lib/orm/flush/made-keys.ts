import type { Connection, RawRow } from '../../connection/connection.js';
import { EntityStateError } from '../../errors.js';
import type { Changes } from '../../plan/runner.js';
import type { MappedColumn, Mapping } from '../mapping/mapping.js';

/**
 * The keys that MySQL made for the rows of one INSERT, from the first of them, which is the one that it tells. The rows of a
 * statement that says how many it has get numbers that follow one another, whatever others insert meanwhile.
 */
export function numberFromFirst(
  connection: Connection,
  mapping: Mapping,
  rows: readonly RawRow[],
  { insertId }: Changes,
): void {
  const { index, definition } = mapping.key[0] as MappedColumn;
  if (insertId === undefined || insertId === 0)
    throw new EntityStateError({
      entity: mapping.name,
      problem: `has no key: its column '${mapping.key[0]?.name}' is not made by auto_increment`,
      wayOut: 'Make the column so, or give the key to new, perhaps by a default() that is a function.',
    });
  const step = rows.length === 1 ? 1n : stepOf(connection);
  let next = BigInt(insertId);
  for (const row of rows) {
    // One that is no safe integer is refused by its column.
    row[index] = definition.type.storedAs === 'bigint' ? next : Number(next);
    next += step;
  }
}

/** More than 1 where several servers write to one another. */
function stepOf(connection: Connection): bigint {
  let step = steps.get(connection);
  if (step === undefined) {
    const [row] = connection.prepare('select @@auto_increment_increment').all([]);
    steps.set(connection, (step = BigInt(row?.[0] as number)));
  }
  return step;
}
const steps = new WeakMap<Connection, bigint>();
