import type { ColumnDefinitionBuilder, Compilable, RawBuilder } from 'kysely';
import { queryBuilderOf } from '../../plan/dialect.js';
import { kyselySql as sql } from '../../plan/kysely.js';
import { type Definition, databaseDefault } from '../columns/column.js';
import { defaultOf } from './column-default.js';
import { constraintName } from './constraint-name.js';
import { inlined } from './literal.js';
import { sqliteTypes } from './sqlite-types.js';
import type { Table } from './table.js';

/** The statements that make a table and its indexes on SQLite. */
export function sqliteTable(table: Table, isOnlyIfMissing: boolean): Compilable<unknown>[] {
  const builder = queryBuilderOf('sqlite');
  const { name, columns, primaryKey, foreignKeys, unique, indexes, checks } = table;
  let create = builder.schema.createTable(name);
  if (isOnlyIfMissing) create = create.ifNotExists();
  for (const { name: column, definition } of columns) {
    const isKey = primaryKey.length === 1 && primaryKey[0] === column;
    create = create.addColumn(column, sqliteTypes[definition.type.storedAs], (made) =>
      completed(
        made,
        sql.id(column),
        definition,
        isKey,
        defaultOf(definition, 'sqlite', `The default of ${name}.${column}`),
      ),
    );
  }
  if (primaryKey.length > 1) create = create.addPrimaryKeyConstraint(named('pk', name), [...primaryKey] as never);
  for (const list of unique) create = create.addUniqueConstraint(named('uq', name, list), [...list] as never);
  for (const { columns: own, parent, parentColumns, onDelete } of foreignKeys)
    create = create.addForeignKeyConstraint(
      named('fk', name, own),
      [...own] as never,
      parent,
      [...parentColumns],
      (made) => (onDelete === undefined ? made : made.onDelete(onDelete)),
    );
  checks.forEach((check, i) => (create = create.addCheckConstraint(named('ck', name, [i + 1]), inlined(check))));
  // What other programs write has to be of the columns' types too.
  create = create.modifyEnd(sql`strict`);

  return [
    create,
    ...indexes.map((list) => {
      // Not columns(), which reads an order out of a name such as "b desc".
      const index = list.reduce(
        (made, column) => made.expression(sql.id(column)),
        builder.schema.createIndex(named('ix', name, list)).on(name),
      );
      return isOnlyIfMissing ? index.ifNotExists() : index;
    }),
  ];
}

const named = (kind: string, table: string, parts?: readonly (string | number)[]): string =>
  constraintName('sqlite', kind, table, parts);

function completed(
  made: ColumnDefinitionBuilder,
  column: RawBuilder<unknown>,
  definition: Definition,
  isKey: boolean,
  fallback: RawBuilder<unknown> | undefined,
): ColumnDefinitionBuilder {
  const { type, isNullable, isUnique, generated, check } = definition;
  let built = made;
  if (fallback !== undefined)
    built = built.defaultTo(databaseDefault(definition) === undefined ? fallback : sql`(${fallback})`);
  // An integer key takes its null for "make one".
  const isRowid = isKey && sqliteTypes[type.storedAs] === 'integer';
  if (!isNullable && !isRowid) built = built.notNull();
  if (isKey) built = built.primaryKey();
  if (isUnique && !isKey) built = built.unique();
  if (generated !== undefined) built = built.generatedAlwaysAs(inlined(generated)).stored();
  const isBoolean = type.storedAs === 'boolean';
  if (check !== undefined && isBoolean) return built.check(sql`(${column} in (0, 1)) and (${inlined(check)})`);
  if (check !== undefined) return built.check(inlined(check));
  return isBoolean ? built.check(sql`${column} in (0, 1)`) : built;
}
