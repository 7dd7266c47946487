import { valueError } from '../../errors.js';
import { storages } from '../schema/sqlite-types.js';
import { isSameBytes } from './blob-column.js';
import { type ColumnOf, columnOf } from './column.js';
import type { ColumnType, StoredAs, StoredValues } from './column-type.js';
import { isWellFormed } from './text-columns.js';

/**
 * A type of your own, as a builder of columns like `integer`. `storedAs` says what the database's column is, for the
 * types of Kysely's tables too:
 *
 * ```ts
 * const money = column<Money, 'text'>({
 *   name: 'money',
 *   storedAs: 'text',
 *   write: (money) => money.toString(),
 *   read: (stored) => Money.parse(stored as string),
 * });
 * class Product extends Entity('product', { id: integer().primaryKey(), price: money('unit_price') }) {}
 * ```
 *
 * Either may throw: the error then names the column, with this one as its cause. Null comes to neither. A value that
 * is changed in place is noticed at the flush, where `write` makes something else of it.
 */
export function column<T, A extends StoredAs = StoredAs>(type: ColumnType<T, A>): ColumnOf<T, StoredValues[A]> {
  const { name, storedAs, write, read, same = isSameBytes } = type;
  if (typeof name !== 'string') throw valueError('The name of a type', name, 'a string');
  for (const [what, method] of Object.entries({ write, read }))
    if (typeof method !== 'function') throw valueError(`${what} of the type ${name}`, method, 'a function');
  if (!storages.includes(storedAs))
    throw valueError(`storedAs of the type ${name}`, storedAs, `one of ${storages.join(', ')}`);
  return columnOf({
    ...type,
    same,
    write: (value, place) =>
      storable(
        told(() => write(value, place), value, place, `a ${name}`),
        `${place} (as ${name})`,
      ),
    read: (stored, place) => told(() => read(stored, place), stored, place, `a ${name} in the database`),
  });
}

function told<R>(work: () => R, value: unknown, place: string, allowed: string): R {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw Object.assign(valueError(place, value, `${allowed} (${reason})`), { cause });
  }
}

/** What `write` made, before a statement is: what the driver would refuse later, or store as something else. */
function storable(stored: unknown, place: string): unknown {
  switch (typeof stored) {
    case 'bigint':
      return stored;
    case 'string':
      if (isWellFormed(stored)) return stored;
      break;
    case 'number':
      if (!Number.isNaN(stored)) return stored;
      break;
    default:
      if (stored instanceof Uint8Array) return stored;
  }
  throw valueError(place, stored, 'well-formed text, a number, a bigint or bytes from its write()');
}
