import { MappingError } from '../../errors.js';
import { mappingOf } from '../mapping/mapper.js';
import { type Mapping, relationsOf } from '../mapping/mapping.js';
import type { EntityClass } from '../mapping/relation.js';
import { leads, type Table, tableOf } from './table.js';
import { refer, relate } from './table-relation.js';

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
  for (const mapping of mappings) for (const relation of relationsOf(mapping)) relate(tables, relation);
  for (const mapping of mappings) for (const column of mapping.columns) refer(tables, mapping, column);
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
