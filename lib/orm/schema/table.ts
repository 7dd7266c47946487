import type { RawBuilder } from 'kysely';
import type { Definition } from '../columns/column.js';
import type { Mapping } from '../mapping/mapping.js';
import type { TableOptions } from '../mapping/table-options.js';

/** A table as entities ask for it; everything by its names in SQL. */
export interface Table {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly string[];
  readonly checks: readonly RawBuilder<unknown>[];
  /** Columns that are unique together; a column that is so alone says it itself. */
  readonly unique: (readonly string[])[];
  readonly indexes: (readonly string[])[];
  readonly foreignKeys: ForeignKey[];
}
export interface TableColumn {
  readonly name: string;
  readonly definition: Definition;
}
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
  /** What the session does with the children of a removed parent, for who deletes it past the session. */
  readonly onDelete: 'cascade' | 'set null' | undefined;
}

/** An entity's own table, before any relation has said something of it. */
export function tableOf({ entity, table, columns, key, column }: Mapping): Table {
  const { tableOptions = {} } = entity as unknown as { tableOptions?: TableOptions };
  const named = (lists: readonly (readonly string[])[] = []) =>
    lists.map((list) => list.map((property) => column(property).name));
  const indexed = columns.filter(({ definition }) => definition.isIndexed).map(({ name }) => [name]);
  const indexes = new Map([...indexed, ...named(tableOptions.indexes)].map((list) => [list.join(), list]));
  return {
    name: table,
    columns,
    primaryKey: namesOf(key),
    checks: tableOptions.checks ?? [],
    unique: named(tableOptions.unique),
    indexes: [...indexes.values()],
    foreignKeys: [],
  };
}

export const namesOf = (columns: readonly { readonly name: string }[]): string[] => columns.map(({ name }) => name);

/** Whether the database is to make the values of a key of one column. */
export const isKeyMade = (definition: Definition): boolean =>
  (definition.type.storedAs === 'integer' || definition.type.storedAs === 'bigint') &&
  (definition.default === undefined || typeof definition.default.value === 'function');

/** Each side of a relation tells of the same key, and the parent's what becomes of the children. */
export function addForeignKey(table: Table | undefined, added: ForeignKey): void {
  const known = table?.foreignKeys ?? [];
  const at = known.findIndex((each) => pointer(each) === pointer(added));
  if (at < 0) known.push(added);
  else known[at] = { ...added, onDelete: added.onDelete ?? known[at]?.onDelete };
}
const pointer = ({ columns, parent, parentColumns }: ForeignKey): string =>
  JSON.stringify([columns, parent, parentColumns]);

export const isUnique = (table: Table, wanted: readonly string[]): boolean =>
  uniqueLists(table).some((list) => list.length === wanted.length && wanted.every((name) => list.includes(name)));
const uniqueLists = ({ columns, primaryKey, unique }: Table): (readonly string[])[] => [
  primaryKey,
  ...unique,
  ...columns.filter(({ definition }) => definition.isUnique).map(({ name }) => [name]),
];

/** Whether an index begins with these columns already. */
export function leads(table: Table, wanted: readonly string[]): boolean {
  return [...uniqueLists(table), ...table.indexes].some((index) =>
    wanted.every((name) => index.slice(0, wanted.length).includes(name)),
  );
}
