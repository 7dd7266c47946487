import type { RawBuilder } from 'kysely';
import { kyselySql as sql } from '../../plan/kysely.js';
import { type Definition, databaseDefault } from '../columns/column.js';
import { defaultOf } from './column-default.js';
import { constraintName } from './constraint-name.js';
import { inlined } from './literal.js';
import { isLong, mysqlType } from './mysql-types.js';
import { type ForeignKey, isKeyMade, type Table } from './table.js';

/**
 * The statement that makes a table on MySQL, with its indexes: there a statement about a table commits by itself, so it
 * is one. Kysely has no word for an index inside of a table.
 *
 * @param collation of its texts
 * @param later foreign keys that are added when their parents are there
 */
export function mysqlTable(
  table: Table,
  collation: string,
  isOnlyIfMissing: boolean,
  later: ReadonlySet<ForeignKey>,
): RawBuilder<unknown> {
  const { name, columns, primaryKey, foreignKeys, unique, indexes, checks } = table;
  const constraint = (kind: string, parts: readonly (string | number)[] = []) =>
    sql`constraint ${sql.id(constraintName('mysql', kind, name, parts))}`;
  const parts = [
    ...columns.map((column) => columnOf(table, column.name, column.definition)),
    ...(primaryKey.length > 1 ? [sql`primary key ${listed(primaryKey)}`] : []),
    ...unique.map((list) => sql`${constraint('uq', list)} unique ${listed(list)}`),
    ...indexes.map((list) => sql`index ${sql.id(constraintName('mysql', 'ix', name, list))} ${listed(list)}`),
    ...foreignKeys.filter((key) => !later.has(key)).map((key) => foreignKey(table, key)),
    // Not with their columns: MySQL has a column's check look at that column alone.
    ...columns.flatMap(({ name: column, definition }) => {
      const check = checkOf(column, definition);
      return check === undefined ? [] : [sql`${constraint('ck', [column])} check (${check})`];
    }),
    ...checks.map((check, i) => sql`${constraint('ck', [i + 1])} check (${inlined(check)})`),
  ];
  const create = sql.raw(`create table${isOnlyIfMissing ? ' if not exists' : ''}`);
  const options = sql.raw(`engine = innodb default character set utf8mb4 collate ${collation}`);
  return sql`${create} ${sql.table(name)} (${sql.join(parts)}) ${options}`;
}

/** A foreign key as a table names it. */
export function foreignKey(
  { name }: Table,
  { columns, parent, parentColumns, onDelete }: ForeignKey,
): RawBuilder<unknown> {
  const constraint = sql.id(constraintName('mysql', 'fk', name, columns));
  const key = sql`constraint ${constraint} foreign key ${listed(columns)} references ${sql.table(parent)} ${listed(parentColumns)}`;
  return onDelete === undefined ? key : sql`${key} on delete ${sql.raw(onDelete)}`;
}

const listed = (names: readonly string[]): RawBuilder<unknown> => sql`(${sql.join(names.map((each) => sql.id(each)))})`;

/** What a column may hold, where that is less than its type says. */
function checkOf(name: string, { type, check }: Definition): RawBuilder<unknown> | undefined {
  const own = check && inlined(check);
  if (type.storedAs !== 'boolean') return own;
  const isBoolean = sql`${sql.id(name)} in (0, 1)`;
  return own === undefined ? isBoolean : sql`(${isBoolean}) and (${own})`;
}

function columnOf(table: Table, name: string, definition: Definition): RawBuilder<unknown> {
  const { isNullable, isUnique, generated } = definition;
  const isKey = table.primaryKey.length === 1 && table.primaryKey[0] === name;
  const stored = mysqlType(table, name, definition);
  const words = [sql`${sql.id(name)} ${sql.raw(stored)}`];
  if (generated !== undefined) words.push(sql`generated always as (${inlined(generated)}) stored`);
  const isMade = isKey && isKeyMade(definition);
  const fallback = isMade ? undefined : defaultOf(definition, 'mysql', `The default of ${table.name}.${name}`);
  const isPlain = databaseDefault(definition) === undefined && !isLong(stored);
  if (fallback !== undefined) words.push(isPlain ? sql`default ${fallback}` : sql`default (${fallback})`);
  // MariaDB takes no such word of what it computes.
  if (!isNullable && generated === undefined) words.push(sql`not null`);
  if (isMade) words.push(sql`auto_increment`);
  if (isKey) words.push(sql`primary key`);
  else if (isUnique) words.push(sql`unique`);
  return sql.join(words, sql` `);
}
