import type { MappedRelation } from '../mapping/mapping.js';
import { overTheSame, show } from '../relations/both-sides.js';
import { Collection } from '../relations/collection.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';

/** Takes back what a stored instance's relations were to write, on the other sides too: it is to be read anew. */
export function takeBack(workspace: Workspace, instance: object, touched: ReadonlySet<object>): void {
  takeBackReferences(workspace, instance);
  for (const [{ inverse }, members] of knownState(instance).pairs ?? [])
    for (const [member, change] of members) if (inverse !== undefined) showPair(member, inverse, instance, change);
  for (const other of touched)
    for (const [relation, members] of knownState(other).pairs ?? []) {
      const change = members.get(instance);
      members.delete(instance);
      if (change !== undefined) showPair(other, relation, instance, change);
    }
}

function takeBackReferences({ identities }: Workspace, instance: object): void {
  const { mapping, row, references } = knownState(instance);
  for (const down of mapping.incoming) {
    const reference = references?.get(down.foreignKey);
    if (reference === undefined) continue;
    if (reference.parent !== null) show(reference.parent, down, instance, false);
    const key = down.foreignKey.map(({ index }) => row?.[index] ?? null);
    const stored = key.includes(null) ? undefined : identities.get(down.owner, key);
    if (stored !== undefined && knownState(stored).related?.has(down.name)) show(stored, down, instance, true);
  }
}

function showPair(owner: object, relation: MappedRelation, member: object, change: 'link' | 'unlink'): void {
  for (const { name } of overTheSame(relation)) {
    const shown = knownState(owner).related?.get(name);
    if (shown instanceof Collection) shown.follow(member, change === 'unlink');
  }
}
