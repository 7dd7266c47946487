import { MappingError } from '../../errors.js';
import { definitionOf } from '../columns/column.js';
import { mappingOf } from '../mapping/mapper.js';
import type { MappedColumn, MappedRelation, Mapping, Through } from '../mapping/mapping.js';
import type { EntityClass } from '../mapping/relation.js';
import { addForeignKey, type ForeignKey, isUnique, namesOf, type Table, type TableColumn } from './table.js';

/** What a relation asks of the tables: foreign keys, or a table of pairs. */
export function relate(tables: Map<string, Table>, relation: MappedRelation): void {
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
export function refer(
  tables: Map<string, Table>,
  mapping: Mapping,
  { name, property, place, definition }: MappedColumn,
): void {
  const { references } = definition;
  if (references === undefined) return;
  const [parent, column] = typeof references === 'string' ? references.split('.') : [tableNamed(references())];
  const target = tables.get(parent as string);
  const key = target?.primaryKey ?? [];
  if (target !== undefined && key.length > 1 && isPartOf(target, column)) {
    const own = tables.get(mapping.table)?.foreignKeys ?? [];
    // A relation has said it, together with the rest of the key.
    if (own.some((each) => each.parent === parent && each.columns.length > 1 && each.columns.includes(name))) return;
    throw new MappingError({
      entity: mapping.name,
      problem: `${place} references '${parent}', whose key has ${key.length} columns`,
      wayOut: `Say all of them by a relation: belongsTo(() => …, ['${property}', …]).`,
    });
  }
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
/** Whether a column, or the one that was not named, is only a part of a table's key. */
const isPartOf = (table: Table, column: string | undefined): boolean =>
  column === undefined || (table.primaryKey.includes(column) && !isUnique(table, [column]));
const tableNamed = (entity: unknown): string => mappingOf(entity as EntityClass).table;
