import { type ColumnDefinitionBuilder, type Compilable, type RawBuilder, RawNode, sql } from 'kysely';
import type { DialectName, QueryBuilder } from '../../plan/dialect.js';
import { type Definition, databaseDefault } from '../columns/column.js';
import { bytesLiteral, inlined } from './literal.js';
import { sqliteTypes, sqlNow } from './sql-types.js';
import type { Table } from './table.js';

/** The statements that make a table and its indexes. */
export function createTable(
  builder: QueryBuilder,
  dialect: DialectName,
  table: Table,
  isOnlyIfMissing: boolean,
): Compilable<unknown>[] {
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
        defaultOf(definition, dialect, `The default of ${name}.${column}`),
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
  if (dialect === 'sqlite') create = create.modifyEnd(sql`strict`);

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

/** Much as SQLAlchemy has them: `ix_address__user_id`. Two underlines, or `a_b` of `c` would be called like `a` of `b_c`. */
const named = (kind: string, table: string, parts: readonly (string | number)[] = []): string =>
  `${kind}_${[table, parts.join('_')].filter(Boolean).join('__')}`;

function completed(
  made: ColumnDefinitionBuilder,
  column: RawBuilder<unknown>,
  definition: Definition,
  isKey: boolean,
  fallback: RawBuilder<unknown> | undefined,
): ColumnDefinitionBuilder {
  const { type, isNullable, isUnique, generated, check } = definition;
  let built = made;
  if (fallback !== undefined) built = built.defaultTo(fallback);
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

/** Also a value of ours: who writes past the entities has it then too. A function's is made for entities only. */
function defaultOf(definition: Definition, dialect: DialectName, place: string): RawBuilder<unknown> | undefined {
  const expression = databaseDefault(definition);
  const isNow = definition.type.storedAs === 'timestamp' && expression !== undefined && isCurrentTimestamp(expression);
  if (isNow) return sql`(${sql.raw(sqlNow[dialect])})`;
  if (expression !== undefined) return sql`(${inlined(expression)})`;
  const value = definition.default?.value;
  if (value === undefined || value === null || typeof value === 'function') return undefined;
  const stored = definition.type.write(value, place);
  if (stored instanceof Uint8Array) return bytesLiteral(stored);
  // SQL text has no word for these.
  if (stored === Number.POSITIVE_INFINITY || stored === Number.NEGATIVE_INFINITY) return undefined;
  return typeof stored === 'string' && stored.includes('\0') ? undefined : sql.lit(stored);
}

function isCurrentTimestamp(expression: RawBuilder<unknown>): boolean {
  const node = expression.toOperationNode();
  return RawNode.is(node) && node.parameters.length === 0 && /^current_timestamp$/i.test(node.sqlFragments.join(''));
}
