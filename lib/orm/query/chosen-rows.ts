import type { SqlBool } from 'kysely';
import type { Connection } from '../../connection/connection.js';
import { kyselySql } from '../../plan/kysely.js';
import { builderOf } from '../builder.js';
import { abilities } from './abilities.js';
import { type Filterable, filtered, type Selection, tablesIn, windowed } from './selection.js';

/** An update or a delete of the rows of a selection alone. */
export function whichOf<Q extends Filterable<Q>>(connection: Connection, query: Q, selection: Selection): Q {
  const { limit, offset } = selection;
  const isWhole = limit === undefined && offset === undefined;
  if (abilities[connection.dialect].readsWhatItWrites)
    return isWhole ? filtered(connection, query, selection) : keysIn(connection, query, selection);
  if (readsItself(connection, selection)) return keysApart(connection, query, selection);
  // Here an update and a delete have an order and a limit of their own, and lock no more rows than those.
  const some = filtered(connection, query, selection);
  return isWhole
    ? some
    : offset === undefined
      ? (windowed(connection, some as never, selection) as unknown as Q)
      : keysApart(connection, query, selection);
}

/** By their keys, in a subquery. */
function keysIn<Q extends Filterable<Q>>(connection: Connection, query: Q, selection: Selection): Q {
  const found = windowed(connection, filtered(connection, keys(connection, selection), selection), selection);
  return query.where(kyselySql<SqlBool>`${names(selection)} in ${found}`);
}

/**
 * By their keys, in a table of their own, since MySQL reads nothing from a table that it changes. A limit and DISTINCT keep
 * it from making one subquery of the two.
 */
function keysApart<Q extends Filterable<Q>>(connection: Connection, query: Q, selection: Selection): Q {
  const isWhole = selection.limit === undefined && selection.offset === undefined;
  const all = filtered(connection, keys(connection, selection), selection);
  const found = isWhole ? all.distinct() : windowed(connection, all, selection);
  const chosen = builderOf(connection)
    .selectFrom(found.as('chosen'))
    .select(selection.mapping.key.map(({ name }) => name));
  return query.where(kyselySql<SqlBool>`${names(selection)} in ${chosen}`);
}

const keys = (connection: Connection, { mapping }: Selection) =>
  builderOf(connection)
    .selectFrom(mapping.table)
    .select(mapping.key.map(({ name }) => name));

function names({ mapping: { key } }: Selection) {
  const list = kyselySql.join(key.map(({ name }) => kyselySql.ref(name)));
  return key.length === 1 ? list : kyselySql`(${list})`;
}

/** Whether its conditions read its own table; of what was said in Kysely's words any subquery may. */
function readsItself(connection: Connection, selection: Selection): boolean {
  const tables = tablesIn(selection);
  if (tables !== undefined) return tables.slice(1).some(({ table }) => table === selection.mapping.table);
  const { sql } = filtered(connection, keys(connection, selection), selection).compile();
  return /\bselect\b/i.test(sql.slice('select'.length));
}
