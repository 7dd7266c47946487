import type { RawRow } from '../../connection/connection.js';
import { StaleEntityError } from '../../errors.js';
import { identity } from '../identity-map.js';
import { type ForeignKey, keyOf, readColumn, relationsOf, setValue } from '../mapping/mapping.js';
import { selectIn, WINDOW } from '../query/select.js';
import { refer, show } from '../relations/both-sides.js';
import { Collection } from '../relations/collection.js';
import { byMapping, type InstanceState, knownState, relate } from '../state.js';
import type { Workspace } from '../workspace.js';

/** What a flush has done to an instance, kept for as long as it can be undone. */
export interface Written {
  readonly instance: object;
  readonly how: 'inserted' | 'deleted';
}

/** Every instance as the database is, after a rollback that undid what was written. */
export function restoreAll(workspace: Workspace, added: ReadonlySet<object>, undone: readonly Written[]): void {
  const { identities } = workspace;
  const fresh = new Set(added);
  for (const { instance, how } of undone) if (how === 'inserted') fresh.add(instance);
  // First: a key that was made anew may be that of a row that comes back.
  for (const instance of fresh) lose(workspace, instance);
  const deleted = undone.filter(({ instance, how }) => how === 'deleted' && !fresh.has(instance));
  for (const [instance, row] of rowsOf(workspace, [...identities, ...deleted.map(({ instance }) => instance)])) {
    if (row !== undefined) take(workspace, instance, row);
    else lose(workspace, instance);
  }
}

/** Reads one instance's row again. */
export function reload(workspace: Workspace, instance: object): void {
  for (const [, row] of rowsOf(workspace, [instance])) {
    if (row !== undefined) return take(workspace, instance, row);
    const { mapping, row: lost = [] } = knownState(instance);
    lose(workspace, instance);
    throw new StaleEntityError({
      entity: mapping.name,
      key: keyOf(mapping, lost).map(String).join(', '),
      found: 'gone',
    });
  }
}

/** The rows of some instances as they are now, a window of them with one statement. */
export function* rowsOf(
  { connection }: Workspace,
  instances: readonly object[],
): Generator<readonly [object, RawRow | undefined]> {
  for (const [mapping, all] of byMapping(instances))
    for (let start = 0; start < all.length; start += WINDOW) {
      const window = all.slice(start, start + WINDOW);
      const keys = window.map((instance) => keyOf(mapping, knownState(instance).row as RawRow));
      const rows = new Map(
        selectIn(connection, mapping, mapping.key, keys).map((row) => [identity(keyOf(mapping, row)), row]),
      );
      for (const [i, instance] of window.entries()) yield [instance, rows.get(identity(keys[i] as unknown[]))];
    }
}

/** An instance is what its row says. */
export function take(workspace: Workspace, instance: object, row: RawRow): void {
  const state = knownState(instance);
  const { mapping } = state;
  // One that a program has frozen stays as it is: there is nothing to undo in it.
  if (!Object.isFrozen(instance))
    for (const column of mapping.columns) setValue(instance, column, readColumn(column, row[column.index]));
  workspace.forgetRelations(instance);
  Object.assign(state, { row, status: 'persistent', session: workspace.home });
  workspace.identities.set(mapping, keyOf(mapping, row), instance);
}

function lose(workspace: Workspace, instance: object): void {
  const { mapping, row } = knownState(instance);
  const key = row && keyOf(mapping, row);
  if (key !== undefined && workspace.identities.get(mapping, key) === instance)
    workspace.identities.delete(mapping, key);
  makeTransient(workspace, instance);
}

/** It was new, and is so again: without what the database had filled in, with the relations that it was given. */
export function makeTransient(workspace: Workspace, instance: object): void {
  const state = knownState(instance);
  const { related, followed } = state;
  if (!Object.isFrozen(instance)) empty(instance, state);
  Object.assign(state, { status: 'transient', session: undefined, row: undefined, generated: undefined });
  Object.assign(state, { references: undefined, pairs: undefined, followed: undefined });
  for (const [name, value] of related ?? []) {
    const relation = state.mapping.relation(name);
    if (value instanceof Collection) {
      workspace.collections.delete(value);
      value.forget();
    } else if (relation.kind === 'belongsTo' && value instanceof Object)
      refer(instance, relation.foreignKey, { parent: value, isOrphan: false });
  }
  for (const [foreignKey, parent] of followed ?? []) returnTo(instance, foreignKey, parent);
}

function empty(instance: object, { generated, followed }: InstanceState): void {
  for (const property of generated ?? []) (instance as Record<string, unknown>)[property] = undefined;
  for (const column of [...(followed?.keys() ?? [])].flat())
    if (!column.definition.isPrimaryKey) setValue(instance, column, column.definition.isNullable ? null : undefined);
}

/** A key that was taken over from a parent may be another's the next time: it is taken over anew. */
function returnTo(instance: object, foreignKey: ForeignKey, parent: object): void {
  const { references, mapping } = knownState(instance);
  if (references?.has(foreignKey)) return;
  refer(instance, foreignKey, { parent, isOrphan: false });
  for (const down of mapping.incoming) if (down.foreignKey === foreignKey) show(parent, down, instance, true);
  for (const up of relationsOf(mapping))
    if (up.kind === 'belongsTo' && up.foreignKey === foreignKey) relate(instance, up.name, parent);
}
