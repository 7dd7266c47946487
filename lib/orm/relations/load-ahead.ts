import { valueError } from '../../errors.js';
import type { MappedRelation, Mapping } from '../mapping/mapping.js';
import { relationNamed } from '../mapping/named.js';
import type { Workspace } from '../workspace.js';
import { reachedBy } from './loaded-relation.js';
import { loadTogether } from './relation-loader.js';

/** Relations to follow, one after the other: `orders.items`. */
export type Path = readonly MappedRelation[];

/** A path as a program writes it, in the call that an error names. */
export function pathFrom(call: string, mapping: Mapping, written: string): Path {
  if (typeof written !== 'string')
    throw valueError(call, written, "the names of relations: 'addresses', 'orders.items'");
  const path: MappedRelation[] = [];
  for (const name of written.split('.')) path.push(relationNamed(call, path.at(-1)?.target ?? mapping, name));
  return path;
}

/** Loads what lies along some paths: one statement for each step, up to a window of instances. */
export function loadAhead(workspace: Workspace, paths: readonly Path[], instances: readonly object[]): void {
  for (const path of paths) {
    let reached: readonly object[] = instances;
    for (const relation of path) {
      loadTogether(workspace, relation, reached);
      reached = reachedBy(relation, reached);
    }
  }
}
