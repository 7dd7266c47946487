import type { Connection, RawRow } from '../../connection/connection.js';
import { EntityStateError, StaleEntityError } from '../../errors.js';
import { builderOf } from '../builder.js';
import {
  type ForeignKey,
  isSame,
  keyOf,
  type MappedColumn,
  type Mapping,
  readColumn,
  relationsOf,
  setValue,
} from '../mapping/mapping.js';
import { equal, selectByKey, text } from '../query/select.js';
import { show } from '../relations/both-sides.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';
import { type Change, changes } from './changes.js';
import { followReferences } from './foreign-key.js';
import { showToParents } from './insert.js';
import { isRespelled } from './insert-shape.js';
import { showBetween } from './pairs.js';

/** Writes the columns of an instance that have changed. */
export function update(workspace: Workspace, instance: object): void {
  followReferences(instance);
  const state = knownState(instance);
  const { mapping } = state;
  const changed = withOwn(mapping, instance, changes(instance));
  if (changed.length === 0) return;
  const key = changed.find(({ column }) => column.definition.isPrimaryKey);
  if (key !== undefined) {
    throw new EntityStateError({
      entity: key.column.place,
      problem: 'is a key and cannot be changed',
      wayOut: 'Add a new entity and remove this one.',
    });
  }
  const { connection } = workspace;
  const row = state.row as RawRow;
  const sql = updateText(
    connection,
    mapping,
    changed.map(({ column }) => column),
  );
  const parameters = [...changed.map(({ value }) => value), ...identifying(mapping).map(({ index }) => row[index])];
  expectOne(workspace, connection.prepare(sql).run(parameters).changes, mapping, row);
  const written = [...row];
  for (const { column, value } of changed) {
    written[column.index] = value;
    if (column.definition.isVersion || column.definition.onUpdate !== undefined || isRespelled(column))
      setValue(instance, column, readColumn(column, value));
  }
  state.row = written;
  readGenerated(workspace, instance);
  keepInStep(workspace, instance, row, changed);
}

function updateText(connection: Connection, mapping: Mapping, columns: readonly MappedColumn[]): string {
  return text(connection, mapping, `update ${columns.map(({ index }) => index).join()}`, () =>
    equal(
      connection.dialect,
      // One by one: an object would have names that are numbers before the others.
      columns.reduce((query, { name }) => query.set(name, 0), builderOf(connection).updateTable(mapping.table)),
      identifying(mapping),
    ),
  );
}

/** What every update of its own accord writes: the next version, and the moment of the change. */
function withOwn(mapping: Mapping, instance: object, changed: readonly Change[]): readonly Change[] {
  if (changed.length === 0) return changed;
  const own: Change[] = [];
  for (const column of mapping.columns) {
    const { isVersion, onUpdate, type } = column.definition;
    if (isVersion) {
      const stored = (knownState(instance).row as RawRow)[column.index];
      own.push({ column, value: Number(stored) + 1 });
    } else if (onUpdate !== undefined && !changed.some((each) => each.column === column)) {
      own.push({ column, value: type.write(onUpdate(), column.place) });
    }
  }
  if (own.length === 0) return changed;
  return [...changed.filter(({ column }) => !column.definition.isVersion), ...own];
}

/** Deletes an instance's row. */
export function remove(workspace: Workspace, instance: object): void {
  const { connection, identities } = workspace;
  const state = knownState(instance);
  const { mapping } = state;
  const row = state.row as RawRow;
  const sql = text(connection, mapping, 'delete', () =>
    equal(connection.dialect, builderOf(connection).deleteFrom(mapping.table), identifying(mapping)),
  );
  const parameters = identifying(mapping).map(({ index }) => row[index]);
  expectOne(workspace, connection.prepare(sql).run(parameters).changes, mapping, row);
  identities.delete(mapping, keyOf(mapping, row));
  if (mapping.between.size > 0) showBetween(workspace, mapping, row, false);
  state.status = 'detached';
  state.references = undefined;
  state.pairs = undefined;
}

/** Empties columns of a stored row, as far as they may be empty, that would be in the way of what comes next. */
export function clear({ connection }: Workspace, instance: object, emptied: readonly MappedColumn[]): void {
  const { mapping, row = [] } = knownState(instance);
  const columns = emptied.filter(({ definition }) => definition.isNullable);
  const sql = updateText(connection, mapping, columns);
  connection.prepare(sql).run([...columns.map(() => null), ...identifying(mapping).map(({ index }) => row[index])]);
}

/** They are stored as empty now. */
export function noteEmpty(instance: object, emptied: readonly MappedColumn[]): void {
  const state = knownState(instance);
  const row = [...(state.row as RawRow)];
  for (const { definition, index } of emptied) if (definition.isNullable) row[index] = null;
  state.row = row;
}

/** What has to be as it was loaded for a row to be written. */
const identifying = ({ key, version }: Mapping): readonly MappedColumn[] =>
  version === undefined ? key : [...key, version];

function expectOne({ connection }: Workspace, count: number, mapping: Mapping, row: RawRow): void {
  if (count > 0) return;
  const key = keyOf(mapping, row);
  const found = mapping.version !== undefined && selectByKey(connection, mapping, key, true) !== undefined;
  throw new StaleEntityError({
    entity: mapping.name,
    key: key.map(String).join(', '),
    found: found ? 'changed' : 'gone',
  });
}

/** Columns that the database computes may have followed the others. */
function readGenerated({ connection }: Workspace, instance: object): void {
  const state = knownState(instance);
  const computed = state.mapping.columns.filter(({ definition }) => definition.generated !== undefined);
  if (computed.length === 0) return;
  const row = selectByKey(connection, state.mapping, keyOf(state.mapping, state.row as RawRow));
  for (const column of computed) {
    const value = row?.[column.index] ?? null;
    (state.row as RawRow)[column.index] = value;
    setValue(instance, column, value === null ? null : column.definition.type.read(value, column.place));
  }
}

/** A foreign key that was set by its value: relations that are loaded say the same from now on. */
function keepInStep(workspace: Workspace, instance: object, before: RawRow, changed: readonly Change[]): void {
  const { mapping, related, row = [] } = knownState(instance);
  const isMoved = (foreignKey: ForeignKey) =>
    foreignKey.some((column) => changed.some((each) => each.column === column));
  for (const up of related === undefined ? [] : relationsOf(mapping)) {
    if (up.kind !== 'belongsTo' || !isMoved(up.foreignKey)) continue;
    const parent = related?.get(up.name);
    const key = parent instanceof Object ? keyOf(up.target, knownState(parent).row ?? []) : [null];
    // Whose it is now is loaded when it is asked for.
    if (!up.foreignKey.every((column, i) => isSame(column, row[column.index], key[i]))) related?.delete(up.name);
  }
  for (const down of mapping.incoming) {
    if (!isMoved(down.foreignKey)) continue;
    const former = workspace.identities.get(
      down.owner,
      down.foreignKey.map(({ index }) => before[index]),
    );
    const isStill = down.foreignKey.every((column) => isSame(column, row[column.index], before[column.index]));
    if (former !== undefined && !isStill) show(former, down, instance, false);
  }
  showToParents(workspace, instance);
  if (mapping.between.size === 0) return;
  showBetween(workspace, mapping, before, false);
  showBetween(workspace, mapping, row, true);
}
