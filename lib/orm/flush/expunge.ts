import { type ForeignKey, type MappedRelation, relationsOf } from '../mapping/mapping.js';
import { leaveParent, parentOf, refer, show } from '../relations/both-sides.js';
import { Collection } from '../relations/collection.js';
import { knownState, relate } from '../state.js';
import type { Workspace } from '../workspace.js';
import { makeTransient } from './restore.js';

/**
 * Takes back what was added and never stored: it leaves the relations of others. Answers with the children that its own
 * relations want to go with it; the others stay without a parent.
 */
export function expunge(workspace: Workspace, instance: object): object[] {
  const { related = new Map<string, unknown>(), mapping } = knownState(instance);
  const going: object[] = [];
  for (const relation of relationsOf(mapping)) {
    if (relation.kind === 'belongsTo') continue;
    const value = related.get(relation.name);
    const children = childrenIn(value, relation, instance);
    related.delete(relation.name);
    if (value instanceof Collection) workspace.collections.delete(value);
    if (relation.onRemove === 'delete') going.push(...children);
    else for (const child of children) leaveParent(child, relation);
  }
  leaveRelations(workspace, instance);
  makeTransient(workspace, instance);
  return going;
}

function childrenIn(value: unknown, relation: MappedRelation, parent: object): object[] {
  if (relation.kind === 'manyToMany') return [];
  const children = value instanceof Collection ? [...value] : value instanceof Object ? [value] : [];
  return children.filter((child) => {
    const { status } = knownState(child);
    return (status === 'pending' || status === 'persistent') && parentOf(child, relation) === parent;
  });
}

/** Whatever shows it as a member, or as the one, does so no more. */
function leaveRelations({ collections }: Workspace, instance: object): void {
  const { references, mapping } = knownState(instance);
  // Members of a relation that their entity does not declare are known to the collection alone.
  if (mapping.isPaired) for (const collection of collections) collection.follow(instance, false);
  for (const down of mapping.incoming) {
    const parent = references?.get(down.foreignKey)?.parent;
    if (parent instanceof Object) show(parent, down, instance, false);
  }
}

/** What others were to be written with: a key of what is gone, or a row between the two. */
export function forgetGone(gone: ReadonlySet<object>, touched: ReadonlySet<object>): void {
  for (const other of [...touched]) {
    const { pairs, references } = knownState(other);
    for (const members of pairs?.values() ?? [])
      for (const member of members.keys()) if (gone.has(member)) members.delete(member);
    for (const [foreignKey, { parent }] of references ?? [])
      if (parent !== null && gone.has(parent)) leave(other, foreignKey);
  }
}
function leave(child: object, foreignKey: ForeignKey): void {
  refer(child, foreignKey, { parent: null, isOrphan: false });
  for (const relation of relationsOf(knownState(child).mapping))
    if (relation.kind === 'belongsTo' && relation.foreignKey === foreignKey) relate(child, relation.name, null);
}
