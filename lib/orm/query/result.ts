import type { RawRow } from '../../connection/connection.js';
import type { Mapping } from '../mapping/mapping.js';
import { loadAhead, type Path } from '../relations/load-ahead.js';
import { reachedBy } from '../relations/loaded-relation.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';
import { hydrateLocked } from './lock.js';

/** What a query does with its rows. */
export interface Wishes {
  readonly ahead: readonly Path[];
  /** Relations whose lazy loading is refused. */
  readonly refused: readonly Path[] | 'all';
  readonly isLocked: boolean;
}

/** Rows as the entities that a query answers; without those that are removed in the session. */
export function resultOf(workspace: Workspace, mapping: Mapping, rows: readonly RawRow[], wishes: Wishes): object[] {
  const { ahead, refused, isLocked } = wishes;
  const found = isLocked ? hydrateLocked(workspace, mapping, rows) : workspace.hydrate(mapping, rows);
  const instances = found.filter((instance) => knownState(instance).status !== 'removed');
  loadAhead(workspace, ahead, instances);
  if (refused === 'all') refuseAll(instances, ahead);
  else for (const path of refused) refuse(instances, path);
  return instances;
}

/** Nothing is to be loaded by a touch, neither from here nor from what was loaded along. */
function refuseAll(instances: readonly object[], ahead: readonly Path[]): void {
  const all = new Set(instances);
  for (const path of ahead)
    path.reduce((reached: readonly object[], relation) => {
      const further = reachedBy(relation, reached);
      for (const instance of further) all.add(instance);
      return further;
    }, instances);
  for (const instance of all) knownState(instance).refused = 'all';
}

/** The last relation of a path is not to be loaded by a touch. */
function refuse(instances: readonly object[], path: Path): void {
  const reached = path.slice(0, -1).reduce((from: readonly object[], relation) => reachedBy(relation, from), instances);
  for (const instance of reached) {
    const state = knownState(instance);
    if (state.refused !== 'all') state.refused = new Set([...(state.refused ?? []), path.at(-1)?.name as string]);
  }
}
