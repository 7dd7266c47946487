import type { Connection, RawRow } from '../connection/connection.js';
import type { MappedColumn, Mapping } from './mapping.js';

/** A statement's text, compiled by Kysely once per entity, dialect and purpose. */
export function text(
  connection: Connection,
  mapping: Mapping,
  purpose: string,
  compile: () => { compile(): { sql: string } },
): string {
  const key = `${connection.dialect} ${purpose}`;
  let sql = mapping.texts.get(key);
  if (sql === undefined) mapping.texts.set(key, (sql = compile().compile().sql));
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
  const places = slots(values.length);
  const sql = text(connection, mapping, `in ${column.name} ${places}`, () => {
    const query = selectAll(connection, mapping).where(column.name, 'in', new Array<number>(places).fill(0));
    return mapping.key.reduce((ordered, { name }) => ordered.orderBy(name), query);
  });
  const padded = [...values, ...new Array<unknown>(places - values.length).fill(values[values.length - 1])];
  return connection.prepare(sql).all(padded);
}

/** A power of two that holds so many values: few texts then serve every number of them. */
function slots(count: number): number {
  let places = 1;
  while (places < count) places *= 2;
  return places;
}

/** The row with a key. */
export function selectByKey(connection: Connection, mapping: Mapping, key: readonly unknown[]): RawRow | undefined {
  const sql = text(connection, mapping, 'key', () =>
    mapping.key.reduce((query, { name }) => query.where(name, '=', 0), selectAll(connection, mapping)),
  );
  return connection.prepare(sql).all(key)[0];
}
