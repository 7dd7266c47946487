import type { RawRow } from '../../connection/connection.js';
import { StaleEntityError } from '../../errors.js';
import { hasChanges } from '../flush/changes.js';
import { take } from '../flush/restore.js';
import { isSame, keyOf, type Mapping } from '../mapping/mapping.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';
import { selectByKey } from './select.js';

/**
 * Rows that were read under a lock, as instances. What the session knew of them may be from before the lock: it is
 * renewed, and a change that was made to what is not so any more is refused.
 */
export function hydrateLocked(workspace: Workspace, mapping: Mapping, rows: readonly RawRow[]): object[] {
  const instances = workspace.hydrate(mapping, rows);
  instances.forEach((instance, i) => renew(workspace, instance, rows[i] as RawRow));
  return instances;
}

function renew(workspace: Workspace, instance: object, row: RawRow): void {
  const { mapping, row: known, status } = knownState(instance);
  if (known === undefined || known === row || status !== 'persistent') return;
  if (mapping.columns.every((column) => isSame(column, row[column.index], known[column.index]))) return;
  if (hasChanges(instance)) throw stale(mapping, row, 'changed');
  take(workspace, instance, row);
}

/** The instance with a key, as it is under a lock. */
export function getLocked(workspace: Workspace, mapping: Mapping, key: readonly unknown[]): object | undefined {
  const row = selectByKey(workspace.connection, mapping, key, true);
  if (row !== undefined) {
    const [instance] = hydrateLocked(workspace, mapping, [row]);
    return instance && knownState(instance).status === 'removed' ? undefined : instance;
  }
  const known = workspace.get(mapping, key);
  if (known !== undefined) throw stale(mapping, knownState(known).row ?? [], 'gone');
  return undefined;
}

const stale = (mapping: Mapping, row: RawRow, found: 'changed' | 'gone') =>
  new StaleEntityError({ entity: mapping.name, key: keyOf(mapping, row).map(String).join(', '), found });
