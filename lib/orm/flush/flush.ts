import { identity } from '../identity-map.js';
import { type MappedColumn, type Mapping, valueIn, writeColumn } from '../mapping/mapping.js';
import { Collection } from '../relations/collection.js';
import { byMapping, knownState } from '../state.js';
import type { Workspace } from '../workspace.js';
import { deleteOrder, insertOrder } from './flush-order.js';
import { parentsAmong } from './foreign-key.js';
import { insertAll } from './insert.js';
import { deletePairsOf, writePairs } from './pairs.js';
import { clear, noteEmpty, remove, update } from './update.js';

/** What one flush has to write. */
export interface Work {
  readonly inserts: readonly object[];
  readonly updates: readonly object[];
  readonly deletes: readonly object[];
  /** Instances with rows of many-to-many relations to insert or to delete. */
  readonly paired: readonly object[];
}

/**
 * Writes in dependency order: what nobody needs is deleted and what is changed gives its place free, then come the
 * inserts, and then what had to wait for those. Tells of each instance when its statement has run.
 */
export function write(workspace: Workspace, work: Work, done: (instance: object) => void): void {
  const { connection } = workspace;
  const { batches, deferred } = deleteOrder(work.deletes);
  const deletes = batches.flat();
  const late = lateDeletes(work.updates, deletes);
  const emptied = new Map<object, readonly MappedColumn[]>();
  const empty = (instance: object, columns: readonly MappedColumn[]) => {
    clear(workspace, instance, columns);
    emptied.set(instance, columns);
  };
  const updateAll = (instances: Iterable<object>) => {
    for (const instance of instances) {
      update(workspace, instance);
      emptied.delete(instance);
    }
  };
  const removeAll = (instances: readonly object[]) => {
    for (const instance of instances) {
      const foreignKeys = deferred.get(instance);
      if (foreignKeys !== undefined) empty(instance, foreignKeys.flat());
    }
    for (const instance of instances) {
      remove(workspace, instance);
      emptied.delete(instance);
      done(instance);
    }
  };

  try {
    writePairs(connection, work.paired, 'unlink');
    deletePairsOf(connection, work.deletes);
    removeAll(deletes.filter((instance) => !late.has(instance)));
    const waiting = waitingUpdates(work);
    for (const [instance, columns] of exchanging(work, waiting)) empty(instance, columns);
    updateAll(leaversFirst(work.updates).filter((instance) => !waiting.has(instance)));
    const inserts = insertOrder(work.inserts);
    for (const batch of inserts.batches) insertAll(workspace, batch, inserts.deferred, done);
    updateAll([...inserts.deferred.keys(), ...waiting]);
    writePairs(connection, work.paired, 'link');
    removeAll(deletes.filter((instance) => late.has(instance)));
  } finally {
    // Where a statement was refused these are empty still, which the next flush has to know.
    for (const [instance, columns] of emptied) noteEmpty(instance, columns);
  }
  for (const instance of work.paired) knownState(instance).pairs = undefined;
  if (work.deletes.length > 0) forgetDeleted(workspace);
}

/** Updates whose new parents are still to be inserted. */
function waitingUpdates({ inserts, updates }: Work): Set<object> {
  if (inserts.length === 0 || updates.length === 0) return new Set();
  const parentsOf = parentsAmong([...inserts, ...updates], 'as set');
  const fresh = new Set(inserts);
  return new Set(updates.filter((instance) => parentsOf(instance).some(({ parent }) => fresh.has(parent))));
}

/** Rows that exchange values of which there may be one only: those who have one that another is to get are emptied first. */
function exchanging({ inserts, updates }: Work, waiting: ReadonlySet<object>): Map<object, MappedColumn[]> {
  const emptied = new Map<object, MappedColumn[]>();
  if (updates.length === 0) return emptied;
  const fresh = byMapping(inserts);
  for (const [mapping, instances] of byMapping(updates))
    for (const column of placesOf(mapping)) {
      const wanted = new Set(instances.map((instance) => coming(instance, column)));
      const wantedByNew = new Set(fresh.get(mapping)?.map((instance) => coming(instance, column)));
      for (const instance of instances) {
        const left = leaving(instance, column);
        if (left === undefined) continue;
        // Who does not wait has left his place when the inserts come.
        if (wanted.has(left) || (waiting.has(instance) && wantedByNew.has(left)))
          emptied.set(instance, [...(emptied.get(instance) ?? []), column]);
      }
    }
  return emptied;
}

/** Columns of which one row only may have a value, and that may be left empty. */
function placesOf({ columns, incoming }: Mapping): MappedColumn[] {
  const ofOne = [...incoming].filter(({ kind, foreignKey }) => kind === 'hasOne' && foreignKey.length === 1);
  return columns.filter((column) => {
    const { isUnique, isNullable } = column.definition;
    return isNullable && (isUnique || ofOne.some(({ foreignKey }) => foreignKey[0] === column));
  });
}

/** What a column is not to be any more. */
function leaving(instance: object, column: MappedColumn): unknown {
  const stored = knownState(instance).row?.[column.index] ?? null;
  const left = stored === null ? undefined : identity([stored]);
  return left === coming(instance, column) ? undefined : left;
}

/** What a column is about to be, as one value; undefined for null, and for the key of a parent that has none yet. */
function coming(instance: object, column: MappedColumn): unknown {
  for (const foreignKey of knownState(instance).references?.keys() ?? [])
    if (foreignKey.includes(column)) return undefined;
  const value = valueIn(instance, column) ?? null;
  return value === null ? undefined : identity([writeColumn(column, value)]);
}

/** Children that leave a parent before those that come to one: there may be a place for one only. */
function leaversFirst(updates: readonly object[]): object[] {
  const leavers = new Set(updates.filter(isLeaving));
  return leavers.size === 0 ? [...updates] : [...leavers, ...updates.filter((instance) => !leavers.has(instance))];
}
function isLeaving(instance: object): boolean {
  const { mapping, row } = knownState(instance);
  for (const foreignKey of mapping.foreignKeys.keys())
    if (foreignKey.some((column) => valueIn(instance, column) === null && row?.[column.index] !== null)) return true;
  return false;
}

/** Deletes that wait for the updates, since those take children away from what is deleted. */
function lateDeletes(updates: readonly object[], order: readonly object[]): Set<object> {
  const late = new Set<object>();
  if (updates.length === 0 || order.length === 0) return late;
  const deletes = new Set(order);
  const parentsOf = parentsAmong([...updates, ...order], 'as stored');
  const waiting = updates.flatMap(parentsOf);
  for (const { parent } of waiting) {
    if (!deletes.has(parent) || late.has(parent)) continue;
    late.add(parent);
    // And so do its own parents.
    waiting.push(...parentsOf(parent));
  }
  return late;
}

/** What was deleted is in no relation any more. */
export function forgetDeleted({ identities, collections }: Workspace): void {
  for (const collection of collections)
    for (const member of [...collection])
      if (knownState(member).status === 'detached') collection.follow(member, false);
  for (const instance of identities) {
    const { related } = knownState(instance);
    for (const [name, value] of related ?? []) {
      if (value instanceof Object && !(value instanceof Collection) && knownState(value).status === 'detached')
        related?.delete(name);
    }
  }
}
