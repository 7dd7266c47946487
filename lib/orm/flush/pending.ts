import { isCollection, type MappedRelation } from '../mapping/mapping.js';
import { overTheSame, parentOf, show } from '../relations/both-sides.js';
import { knownState } from '../state.js';
import type { Workspace } from '../workspace.js';

/** A relation that was loaded in the middle of a flush is as the database is: here it becomes as it is about to be. */
export function showPending(workspace: Workspace, relation: MappedRelation, unstored: Iterable<object>): void {
  if (!isCollection(relation)) return;
  for (const instance of unstored)
    if (relation.kind === 'manyToMany') showPairs(relation, instance);
    else if (knownState(instance).mapping === relation.target) showChild(workspace, relation, instance);
}

function showChild({ identities }: Workspace, relation: MappedRelation, child: object): void {
  const { row, status } = knownState(child);
  const parent = parentOf(child, relation);
  const former =
    row &&
    identities.get(
      relation.owner,
      relation.foreignKey.map(({ index }) => row[index]),
    );
  if (former !== undefined && former !== parent) show(former, relation, child, false);
  if (parent instanceof Object && status !== 'removed') show(parent, relation, child, true);
}

/** Each pair is noted with one of the two, by one of the relations that tell of it. */
function showPairs(relation: MappedRelation, owner: object): void {
  const same = overTheSame(relation);
  for (const [noted, members] of knownState(owner).pairs ?? [])
    for (const [member, change] of members)
      if (same.includes(noted)) show(owner, relation, member, change === 'link');
      else if (noted.inverse !== undefined && same.includes(noted.inverse))
        show(member, relation, owner, change === 'link');
}
