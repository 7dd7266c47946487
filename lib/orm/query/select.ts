import type { SelectQueryBuilder } from 'kysely';
import type { Connection, RawRow } from '../../connection/connection.js';
import type { DialectName } from '../../plan/dialect.js';
import { kyselySql } from '../../plan/kysely.js';
import { builderOf } from '../builder.js';
import type { MappedColumn, MappedRelation, Mapping, Order, Through } from '../mapping/mapping.js';
import { prepare } from '../schema/missing-table.js';
import { abilities } from './abilities.js';
import { bound, comparable } from './comparable.js';

/** Longer lists are rare, and would soon be more than a statement may bind. */
const MAX_PADDED = 4_096;
const MAX_TEXTS = 2_000;

/** How many instances are loaded, or looked for, with one statement. */
export const WINDOW = 256;

/** A statement's text, compiled by Kysely once per entity, dialect and purpose. */
export function text(
  connection: Connection,
  mapping: Mapping,
  purpose: string,
  compile: () => { compile(): { sql: string } },
): string {
  const key = `${connection.dialect} ${purpose}`;
  let sql = mapping.texts.get(key);
  if (sql !== undefined) return sql;
  if (mapping.texts.size >= MAX_TEXTS) mapping.texts.clear();
  sql = compile().compile().sql;
  mapping.texts.set(key, sql);
  return sql;
}

/** Every column of an entity, in the mapping's order. */
const selectAll = (connection: Connection, mapping: Mapping) =>
  builderOf(connection)
    .selectFrom(mapping.table)
    .select(mapping.columns.map(({ name }) => name));

/** Rows of an entity whose columns hold one of some keys, in an order and then in that of the entity's key. */
export function selectIn(
  connection: Connection,
  mapping: Mapping,
  columns: readonly MappedColumn[],
  keys: readonly (readonly unknown[])[],
  order: readonly Order[] = [],
  isLocked = false,
): RawRow[] {
  const { dialect } = connection;
  const all = padded(keys);
  const names = columns.map(({ name }) => name);
  const sql = text(connection, mapping, `in ${names.join()} ${all.length} ${said(order)} ${isLocked}`, () => {
    const query = selectAll(connection, mapping).where(isOneOf(dialect, names, columns, all));
    return locked(dialect, inOrder(query, connection, mapping, order), isLocked);
  });
  return prepare(connection, mapping, sql).all(all.flat());
}

/** Rows of the other side of a many-to-many relation, each with its owner's key behind its columns. */
export function selectThrough(
  connection: Connection,
  relation: MappedRelation,
  keys: readonly (readonly unknown[])[],
): RawRow[] {
  const { target, order } = relation;
  const { table, ownerColumns, targetColumns } = relation.through as Through;
  const all = padded(keys);
  const purpose = `through ${table} ${ownerColumns.join()} ${targetColumns.join()} ${all.length} ${said(order)}`;
  const sql = text(connection, target, purpose, () => {
    const query = builderOf(connection)
      .selectFrom(`${target.table} as target`)
      .innerJoin(`${table} as through`, (join) =>
        targetColumns.reduce(
          (on, column, i) => on.onRef(`through.${column}`, '=', `target.${target.key[i]?.name}`),
          join,
        ),
      )
      .select(target.columns.map(({ name }) => `target.${name}`))
      .select(ownerColumns.map((column, i) => `through.${column} as owner_${i}`))
      .where(
        isOneOf(
          connection.dialect,
          ownerColumns.map((column) => `through.${column}`),
          relation.owner.key,
          all,
        ),
      );
    return inOrder(query, connection, target, order, 'target.');
  });
  return prepare(connection, relation.owner, sql).all(all.flat());
}

/** Columns by their names, which hold values of columns like others, are one of some keys. */
export function isOneOf(
  dialect: DialectName,
  columns: readonly string[],
  like: readonly MappedColumn[],
  keys: readonly (readonly unknown[])[],
) {
  const given = (key: readonly unknown[]) =>
    kyselySql.join(key.map((value, i) => bound(dialect, like[i] as MappedColumn, value)));
  if (columns.length === 1)
    return kyselySql<boolean>`${kyselySql.ref(columns[0] as string)} in (${kyselySql.join(keys.map(given))})`;
  const names = kyselySql.join(columns.map((column) => kyselySql.ref(column)));
  const list = kyselySql.join(keys.map((key) => kyselySql`(${given(key)})`));
  // Row values: each dialect takes its own form only.
  return dialect === 'sqlite'
    ? kyselySql<boolean>`(${names}) in (values ${list})`
    : kyselySql<boolean>`(${names}) in (${list})`;
}

/** Equal to some columns' values, one by one. */
// biome-ignore lint/suspicious/noExplicitAny: Kysely's selects, updates and deletes have this in common
export function equal<Q extends { where(name: any, operator: '=', value: any): Q }>(
  dialect: DialectName,
  query: Q,
  columns: readonly MappedColumn[],
): Q {
  return columns.reduce((all, column) => all.where(column.name, '=', bound(dialect, column, 0)), query);
}

/** Its rows locked for writing, where a database locks rows at all. */
// biome-ignore lint/suspicious/noExplicitAny: the table is known to the mapping, not to the compiler
export function locked<Q extends SelectQueryBuilder<any, any, any>>(
  dialect: DialectName,
  query: Q,
  isLocked: boolean,
): Q {
  return isLocked && abilities[dialect].locksRows ? (query.forUpdate() as Q) : query;
}

// biome-ignore lint/suspicious/noExplicitAny: the table is known to the mapping, not to the compiler
function inOrder<Q extends SelectQueryBuilder<any, any, any>>(
  query: Q,
  { dialect }: Connection,
  mapping: Mapping,
  order: readonly Order[],
  prefix = '',
): Q {
  const whole = [...order, ...mapping.key.map((column) => ({ column, direction: undefined }))];
  return whole.reduce((ordered, { column, direction }) => {
    const seen = comparable(dialect, column, kyselySql.ref(`${prefix}${column.name}`));
    return ordered.orderBy(seen, direction) as Q;
  }, query);
}
const said = (order: readonly Order[]): string =>
  order.map(({ column, direction }) => `${column.index} ${direction}`).join();

/** Values for a list, repeated up to a power of two: few texts then serve lists of every length. */
export function padded<T>(values: readonly T[]): T[] {
  let places = 1;
  while (places < values.length) places *= 2;
  if (values.length === 0 || places > MAX_PADDED) return [...values];
  return [...values, ...new Array<T>(places - values.length).fill(values[values.length - 1] as T)];
}

/** The row with a key; `isLocked` as it is by then, and stays. */
export function selectByKey(
  connection: Connection,
  mapping: Mapping,
  key: readonly unknown[],
  isLocked = false,
): RawRow | undefined {
  const { dialect } = connection;
  const sql = text(connection, mapping, isLocked ? 'key locked' : 'key', () =>
    locked(dialect, equal(dialect, selectAll(connection, mapping), mapping.key), isLocked),
  );
  return prepare(connection, mapping, sql).all(key)[0];
}
