import { valueError } from '../../errors.js';
import type { EntityClass } from '../mapping/relation.js';
import type { Session } from '../session.js';
import { createMysqlTables, dropMysqlTables } from './mysql-schema.js';
import { createSqliteTables, dropSqliteTables } from './sqlite-schema.js';
import { tablesOf } from './table-list.js';

/** Entities' classes: an array of them, or a module that exports them (`import * as entities from '../entities.js'`). */
export type Entities = readonly EntityClass[] | Readonly<Record<string, unknown>>;

/**
 * Makes the tables of entities, with their keys, foreign keys and indexes; on SQLite in the session's transaction, while
 * MySQL commits each of them by itself. A table that is there already is the database's error, unless `ifNotExists` says
 * to leave it as it is: what has changed in an entity since is a matter of migrations.
 */
export function createTables(session: Session, entities: Entities, options: { ifNotExists?: boolean } = {}): void {
  const tables = tablesOf(classesOf(entities));
  const create = session.dialect === 'mysql' ? createMysqlTables : createSqliteTables;
  create(session, tables, options.ifNotExists ?? false);
}

/** Drops the tables of entities and all that is in them, children first. `ifExists` passes over what is not there. */
export function dropTables(session: Session, entities: Entities, options: { ifExists?: boolean } = {}): void {
  const tables = tablesOf(classesOf(entities));
  const drop = session.dialect === 'mysql' ? dropMysqlTables : dropSqliteTables;
  drop(session, tables, options.ifExists ?? false);
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
