import type { Expression } from 'kysely';
import type { RawRow } from '../../connection/connection.js';
import { EntityStateError, valueError } from '../../errors.js';
import type { ColumnTypes, Mapped } from '../../plan/detached.js';
import { kyselySql } from '../../plan/kysely.js';
import { isMute } from '../../plan/plain-object.js';
import { builderOf } from '../builder.js';
import { forgetDeleted } from '../flush/flush.js';
import { rowsOf } from '../flush/restore.js';
import {
  isSame,
  keyOf,
  type MappedColumn,
  type MappedRelation,
  type Mapping,
  readColumn,
  setValue,
  writeColumn,
} from '../mapping/mapping.js';
import { columnNamed } from '../mapping/named.js';
import { forgetRelation } from '../relations/loaded-relation.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';
import { abilities } from './abilities.js';
import { whichOf } from './chosen-rows.js';
import type { QueryHost } from './query-host.js';
import { type Selection, sortedBy, statementFor, window } from './selection.js';

/** What `update({ … })` takes: values, or ``sql<number>`…` `` where the database is to compute them. */
export type Changed<T> = T extends Mapped<infer C> ? ChangedColumns<C> : never;
type ChangedColumns<C extends ColumnTypes> = { readonly [K in keyof C]?: C[K]['$type'] | Expression<C[K]['$type']> };

/** Updates all rows of a selection with one statement. */
export function updateAll(host: QueryHost, selection: Selection, wanted: object): number {
  const { mapping } = selection;
  const { connection, identities } = host.workspace;
  const changes = changesIn(mapping, wanted);
  if (changes.length === 0) return 0;
  begin(host, `an update of ${mapping.name}`);
  const isKnown = identities.knows(mapping);
  const columns = changes.map(({ column }) => column);
  const isFree = changes.some(({ value, column }) => isExpression(value) && !column.definition.isVersion);
  const purpose = `update all ${columns.map(({ index }) => index).join()} ${isKnown}${shapeOf(selection)}`;
  const before = changes.flatMap(({ value }) => (isExpression(value) ? [] : [value]));
  const around = { before, behind: window(connection, selection) };
  const { returns } = abilities[connection.dialect];
  const statement = statementFor(connection, selection, isFree ? undefined : purpose, around, () => {
    const update = changes.reduce(
      (query, { column, value }) => query.set(column.name, value),
      builderOf(connection).updateTable(mapping.table),
    );
    const some = whichOf(connection, update, selection);
    return isKnown && returns ? some.returning(mapping.columns.map(({ name }) => name)) : some;
  });
  if (!isKnown) return statement.run();
  let count = 0;
  if (returns)
    for (const row of statement.iterate()) {
      count++;
      const known = identities.get(mapping, keyOf(mapping, row));
      if (known !== undefined) follow(known, row);
    }
  else {
    count = statement.run();
    for (const [known, row] of rowsOf(host.workspace, [...identities.of(mapping)]))
      if (row !== undefined) follow(known, row);
  }
  forgetRelations(host.workspace, (relation) => isOver(relation, mapping, columns));
  return count;
}

/** Deletes all rows of a selection with one statement. */
export function deleteAll(host: QueryHost, selection: Selection): number {
  const { mapping } = selection;
  const { connection, identities } = host.workspace;
  begin(host, `a deletion of ${mapping.name}`);
  const isKnown = identities.knows(mapping);
  const around = { behind: window(connection, selection) };
  const { returns } = abilities[connection.dialect];
  const statement = statementFor(connection, selection, `delete all ${isKnown}${shapeOf(selection)}`, around, () => {
    const some = whichOf(connection, builderOf(connection).deleteFrom(mapping.table), selection);
    return isKnown && returns ? some.returning(mapping.key.map(({ name }) => name)) : some;
  });
  if (!isKnown) return statement.run();
  const gone = (known: object, key: readonly unknown[]) => {
    identities.delete(mapping, key);
    knownState(known).status = 'detached';
    host.deleted(known);
  };
  let count = 0;
  if (returns)
    for (const key of statement.iterate()) {
      count++;
      const known = identities.get(mapping, key);
      if (known !== undefined) gone(known, key);
    }
  else {
    count = statement.run();
    for (const [known, row] of rowsOf(host.workspace, [...identities.of(mapping)]))
      if (row === undefined) gone(known, keyOf(mapping, knownState(known).row as RawRow));
  }
  forgetDeleted(host.workspace);
  forgetRelations(host.workspace, ({ through }) => through?.entity === mapping);
  return count;
}

/** Whatever the session has in mind is written before, since the statement would miss it, or be in its way. */
function begin({ beforeWrite, beforeQuery }: QueryHost, wrote: string): void {
  beforeWrite(wrote);
  beforeQuery();
}

interface Change {
  readonly column: MappedColumn;
  /** As it is stored, or an expression. */
  readonly value: unknown;
}

function changesIn(mapping: Mapping, wanted: object): Change[] {
  if (typeof wanted !== 'object' || wanted === null || isMute(wanted))
    throw valueError('update()', wanted, 'an object of columns and their new values');
  const changes = Object.entries(wanted).map(([property, value]): Change => {
    const column = columnNamed('update()', mapping, property);
    const { isPrimaryKey, isVersion, generated } = column.definition;
    if (isPrimaryKey) throw refusal(column, 'is a key and cannot be changed', 'Add new entities and remove these.');
    if (isVersion) throw refusal(column, 'counts by itself and cannot be set', 'Leave it out: it goes up by one.');
    if (generated !== undefined) throw refusal(column, 'is computed by the database', 'Set what it is computed from.');
    return { column, value: isExpression(value) ? value : writeColumn(column, value) };
  });
  if (changes.length === 0) return changes;
  for (const column of mapping.columns) {
    const { onUpdate, isVersion } = column.definition;
    if (isVersion) changes.push({ column, value: kyselySql`${kyselySql.ref(column.name)} + 1` });
    else if (onUpdate !== undefined && !changes.some((each) => each.column === column))
      changes.push({ column, value: writeColumn(column, onUpdate()) });
  }
  return changes;
}
const isExpression = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'toOperationNode' in value;
const refusal = ({ place }: MappedColumn, problem: string, wayOut: string) =>
  new EntityStateError({ entity: place, problem, wayOut });

function shapeOf({ order, limit, offset }: Selection): string {
  if (limit === undefined && offset === undefined) return '';
  return ` ${sortedBy(order)} limit ${limit !== undefined} offset ${offset !== undefined}`;
}

/** An instance is what its row says; what is equal stays the object that it is. */
function follow(instance: object, row: RawRow): void {
  const state = knownState(instance);
  for (const column of state.mapping.columns) {
    const stored = row[column.index];
    if (!isSame(column, stored, state.row?.[column.index])) setValue(instance, column, readColumn(column, stored));
  }
  state.row = row;
}

/** Whether a relation leads elsewhere when these columns change. */
function isOver(relation: MappedRelation, mapping: Mapping, columns: readonly MappedColumn[]): boolean {
  const { kind, owner, target, foreignKey, through } = relation;
  if (through !== undefined)
    return (
      through.entity === mapping &&
      columns.some(({ name }) => through.ownerColumns.includes(name) || through.targetColumns.includes(name))
    );
  return (kind === 'belongsTo' ? owner : target) === mapping && foreignKey.some((column) => columns.includes(column));
}

function forgetRelations({ identities, collections }: Workspace, isStale: (relation: MappedRelation) => boolean): void {
  for (const instance of identities) {
    const { mapping, related } = knownState(instance);
    for (const name of [...(related?.keys() ?? [])])
      if (isStale(mapping.relation(name))) forgetRelation(collections, instance, name);
  }
}
