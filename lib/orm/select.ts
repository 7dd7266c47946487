import { sql as kyselySql } from 'kysely';
import type { Connection, RawRow } from '../connection/connection.js';
import type { MappedColumn, Mapping } from './mapping.js';

/** Longer lists are rare, and would soon be more than a statement may bind. */
const MAX_PADDED = 4_096;
const MAX_TEXTS = 2_000;

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
export const selectAll = (connection: Connection, mapping: Mapping) =>
  connection.builder.selectFrom(mapping.table).select(mapping.columns.map(({ name }) => name));

/** Rows whose column is one of some values, in the order of the entity's key. */
export function selectIn(
  connection: Connection,
  mapping: Mapping,
  column: MappedColumn,
  values: readonly unknown[],
): RawRow[] {
  const all = padded(values);
  const sql = text(connection, mapping, `in ${column.name} ${all.length}`, () => {
    const query = selectAll(connection, mapping).where(column.name, 'in', all);
    return mapping.key.reduce((ordered, { name }) => ordered.orderBy(kyselySql.id(name)), query);
  });
  return connection.prepare(sql).all(all);
}

/** Values for a list, repeated up to a power of two: few texts then serve lists of every length. */
export function padded(values: readonly unknown[]): unknown[] {
  let places = 1;
  while (places < values.length) places *= 2;
  if (values.length === 0 || places > MAX_PADDED) return [...values];
  return [...values, ...new Array<unknown>(places - values.length).fill(values[values.length - 1])];
}

/** The row with a key. */
export function selectByKey(connection: Connection, mapping: Mapping, key: readonly unknown[]): RawRow | undefined {
  const sql = text(connection, mapping, 'key', () =>
    mapping.key.reduce((query, { name }) => query.where(name, '=', 0), selectAll(connection, mapping)),
  );
  return connection.prepare(sql).all(key)[0];
}
