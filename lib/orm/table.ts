import type { RawBuilder } from 'kysely';
import { MappingError } from '../errors.js';
import { type Definition, definitionOf } from './column.js';
import { mappingOf } from './mapper.js';
import { type MappedColumn, type MappedRelation, type Mapping, relationsOf, type Through } from './mapping.js';
import type { EntityClass } from './relation.js';
import type { TableOptions } from './table-options.js';

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

/** The tables of some entities, with what their relations ask of them; parents stand before their children. */
export function tablesOf(entities: readonly EntityClass[]): Table[] {
  const tables = new Map<string, Table>();
  const firsts = new Map<string, Mapping>();
  const mappings = entities.map(mappingOf);
  for (const mapping of mappings) {
    const first = firsts.get(mapping.table);
    if (first !== undefined) refuseOther(first, mapping);
    else tables.set(mapping.table, tableOf(mapping));
    firsts.set(mapping.table, first ?? mapping);
  }
  for (const mapping of mappings) {
    for (const relation of relationsOf(mapping)) relate(tables, relation);
    for (const column of mapping.columns) refer(tables, mapping, column);
  }
  for (const table of tables.values())
    for (const { columns } of table.foreignKeys) if (!leads(table, columns)) table.indexes.push(columns);
  return parentsFirst(tables);
}

/** A class and its subclass say the same of their table, and so may others. */
function refuseOther(first: Mapping, { name, table, columns }: Mapping): void {
  const isSame = columns.every(({ definition }, i) => definition === first.columns[i]?.definition);
  if (isSame && columns.length === first.columns.length) return;
  throw new MappingError({
    entity: name,
    problem: `its table '${table}' has other columns in ${first.name}`,
    wayOut: 'Give one of them only.',
  });
}

function tableOf({ entity, table, columns, key, column }: Mapping): Table {
  const { tableOptions = {} } = entity as unknown as { tableOptions?: TableOptions };
  const named = (lists: readonly (readonly string[])[] = []) =>
    lists.map((list) => list.map((property) => column(property).name));
  const indexed = columns.filter(({ definition }) => definition.isIndexed).map(({ name }) => [name]);
  return {
    name: table,
    columns,
    primaryKey: namesOf(key),
    checks: tableOptions.checks ?? [],
    unique: named(tableOptions.unique),
    indexes: [...indexed, ...named(tableOptions.indexes)],
    foreignKeys: [],
  };
}

const namesOf = (columns: readonly { readonly name: string }[]): string[] => columns.map(({ name }) => name);

function relate(tables: Map<string, Table>, relation: MappedRelation): void {
  const { kind, owner, target, through, onRemove } = relation;
  if (through !== undefined) {
    const table = tables.get(through.table) ?? throughTable(owner, target, through);
    if (through.entity === undefined) tables.set(table.name, table);
    const onDelete = through.entity === undefined ? 'cascade' : undefined;
    addForeignKey(table, keyTo(owner, through.ownerColumns, onDelete));
    addForeignKey(table, keyTo(target, through.targetColumns, onDelete));
    return;
  }
  const [child, parent] = kind === 'belongsTo' ? [owner, target] : [target, owner];
  const table = tables.get(child.table);
  const columns = namesOf(relation.foreignKey);
  addForeignKey(table, keyTo(parent, columns, onRemove && ON_DELETE[onRemove]));
  if (kind === 'hasOne' && table !== undefined && !isUnique(table, columns)) table.unique.push(columns);
}
const ON_DELETE = { refuse: undefined, nullify: 'set null', delete: 'cascade' } as const;
const keyTo = ({ table, key }: Mapping, columns: readonly string[], onDelete: ForeignKey['onDelete']): ForeignKey => ({
  columns,
  parent: table,
  parentColumns: namesOf(key),
  onDelete,
});

/** A table that only says which rows of two others belong together. */
function throughTable(owner: Mapping, target: Mapping, { table, ownerColumns, targetColumns }: Through): Table {
  const typed = ({ key }: Mapping, names: readonly string[]): TableColumn[] =>
    names.map((name, i) => ({ name, definition: definitionOf((key[i] as MappedColumn).definition.type) }));
  return {
    name: table,
    columns: [...typed(owner, ownerColumns), ...typed(target, targetColumns)],
    primaryKey: [...ownerColumns, ...targetColumns],
    checks: [],
    unique: [],
    indexes: [],
    foreignKeys: [],
  };
}

/** A column that names its target by itself, without a relation. */
function refer(tables: Map<string, Table>, mapping: Mapping, { name, place, definition }: MappedColumn): void {
  const { references } = definition;
  if (references === undefined) return;
  const [parent, column] = typeof references === 'string' ? references.split('.') : [tableNamed(references())];
  const key = tables.get(parent as string)?.primaryKey ?? [];
  const parentColumn = column ?? (key.length === 1 ? key[0] : undefined);
  if (parentColumn === undefined)
    throw new MappingError({
      entity: mapping.name,
      problem: `${place} references '${parent}', whose key of one column is not known`,
      wayOut: `Name the column too: references('${parent}.id').`,
    });
  addForeignKey(tables.get(mapping.table), {
    columns: [name],
    parent: parent as string,
    parentColumns: [parentColumn],
    onDelete: undefined,
  });
}
const tableNamed = (entity: unknown): string => mappingOf(entity as EntityClass).table;

/** Each side of a relation tells of the same key, and the parent's what becomes of the children. */
function addForeignKey(table: Table | undefined, added: ForeignKey): void {
  const known = table?.foreignKeys ?? [];
  const at = known.findIndex((each) => pointer(each) === pointer(added));
  if (at < 0) known.push(added);
  else known[at] = { ...added, onDelete: added.onDelete ?? known[at]?.onDelete };
}
const pointer = ({ columns, parent, parentColumns }: ForeignKey): string =>
  JSON.stringify([columns, parent, parentColumns]);

const isUnique = (table: Table, wanted: readonly string[]): boolean =>
  uniqueLists(table).some((list) => list.length === wanted.length && wanted.every((name) => list.includes(name)));
const uniqueLists = ({ columns, primaryKey, unique }: Table): (readonly string[])[] => [
  primaryKey,
  ...unique,
  ...columns.filter(({ definition }) => definition.isUnique).map(({ name }) => [name]),
];

/** Whether an index begins with these columns already. */
function leads(table: Table, wanted: readonly string[]): boolean {
  return [...uniqueLists(table), ...table.indexes].some((index) =>
    wanted.every((name) => index.slice(0, wanted.length).includes(name)),
  );
}

/** Where tables need each other in a circle, one of them comes first all the same. */
function parentsFirst(tables: ReadonlyMap<string, Table>): Table[] {
  const ordered = new Set<Table>();
  const seen = new Set<Table>();
  const visit = (table: Table): void => {
    if (seen.has(table)) return;
    seen.add(table);
    for (const { parent } of table.foreignKeys) {
      const needed = tables.get(parent);
      if (needed !== undefined) visit(needed);
    }
    ordered.add(table);
  };
  for (const table of tables.values()) visit(table);
  return [...ordered];
}
