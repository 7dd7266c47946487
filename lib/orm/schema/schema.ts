import { valueError } from '../../errors.js';
import { queryBuilders } from '../../plan/dialect.js';
import type { EntityClass } from '../mapping/relation.js';
import type { Session } from '../session.js';
import { createTable } from './create-table.js';
import { existingColumns } from './existing-columns.js';
import type { Table } from './table.js';
import { tablesOf } from './table-list.js';

/** Entities' classes: an array of them, or a module that exports them (`import * as entities from '../entities.js'`). */
export type Entities = readonly EntityClass[] | Readonly<Record<string, unknown>>;

/**
 * Makes the tables of entities, with their keys, foreign keys and indexes, in the session's transaction. A table that is
 * there already is the database's error, unless `ifNotExists` says to leave it as it is: what has changed in an entity
 * since is a matter of migrations.
 */
export function createTables(session: Session, entities: Entities, options: { ifNotExists?: boolean } = {}): void {
  const { dialect } = session;
  for (const table of tablesOf(classesOf(entities)))
    for (const statement of createTable(queryBuilders[dialect], dialect, table, options.ifNotExists ?? false))
      session.run(statement);
}

/** Drops the tables of entities and all that is in them, children first. `ifExists` passes over what is not there. */
export function dropTables(session: Session, entities: Entities, options: { ifExists?: boolean } = {}): void {
  const { schema } = queryBuilders[session.dialect];
  const tables = tablesOf(classesOf(entities));
  // A parent that goes before its child, in a circle of tables, must not be pointed to any more.
  tables.forEach((child, i) => {
    const later = new Set(tables.slice(i + 1).map(({ name }) => name));
    const isThere = !options.ifExists || session.run(existingColumns(session.dialect, child.name)).length > 0;
    for (const { columns, parent } of child.foreignKeys)
      if (isThere && later.has(parent)) forget(session, child, columns);
  });
  for (const { name } of tables.reverse()) {
    const drop = schema.dropTable(name);
    session.run(options.ifExists ? drop.ifExists() : drop);
  }
}

function forget(session: Session, { name, columns }: Table, keys: readonly string[]): void {
  const nullable = columns.find(({ name: each, definition }) => keys.includes(each) && definition.isNullable);
  if (nullable !== undefined)
    session.run(queryBuilders[session.dialect].updateTable(name).set({ [nullable.name]: null }));
}

function classesOf(entities: Entities): EntityClass[] {
  if (Array.isArray(entities)) return [...new Set(entities as readonly EntityClass[])];
  const classes = [...new Set(Object.values(entities ?? {}))].filter(isEntityClass);
  if (classes.length === 0)
    throw valueError('The list of entities', entities, 'classes in an array, or a module with some');
  return classes;
}

const isEntityClass = (value: unknown): value is EntityClass =>
  typeof value === 'function' && 'table' in value && 'columns' in value && 'tableOptions' in value;
