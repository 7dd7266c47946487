import { EntityStateError } from '../../errors.js';
import { identity } from '../identity-map.js';
import { type MappedRelation, type Mapping, relationsOf, storedIn } from '../mapping/mapping.js';
import { leaveParent, parentOf } from '../relations/both-sides.js';
import { Collection } from '../relations/collection.js';
import { loadTogether } from '../relations/relation-loader.js';
import { byMapping, knownState } from '../state.js';
import type { Workspace } from '../workspace.js';

/** Children that were taken from their parent and given to no other, where their relation wants them deleted. */
export function removeOrphans(touched: ReadonlySet<object>, remove: (instance: object) => void): void {
  for (const child of [...touched]) {
    const state = knownState(child);
    if (state.status !== 'persistent' && state.status !== 'pending') continue;
    for (const { isOrphan } of state.references?.values() ?? []) {
      if (!isOrphan) continue;
      remove(child);
      break;
    }
  }
}

/**
 * What the relations of removed parents say of their children, `unstored` ones among them that have come by a relation or by
 * a key. `removed` grows by those that go with them.
 */
export function cascadeRemovals(
  workspace: Workspace,
  removed: Set<object>,
  unstored: readonly object[],
  remove: (instance: object) => void,
): void {
  const refusing: Family[] = [];
  let next: object[];
  for (let wave = [...removed]; wave.length > 0; wave = next) {
    next = [];
    for (const family of familiesOf(workspace, wave, unstored)) {
      const { relation, child } = family;
      if (relation.onRemove === 'delete') {
        if (!removed.has(child)) next.push(child);
        remove(child);
      }
      if (relation.onRemove === 'nullify') leaveParent(child, relation);
      if (relation.onRemove === 'refuse') refusing.push(family);
    }
  }
  // At the end: a child may be removed by another way.
  for (const family of refusing) refuseWhileThere(family);
}

/** A parent that is removed, and a child of it whose relation says what becomes of it. */
interface Family {
  readonly parent: object;
  readonly relation: MappedRelation;
  readonly child: object;
}

function familiesOf(workspace: Workspace, removed: readonly object[], unstored: readonly object[]): Family[] {
  return [...byMapping(removed)].flatMap(([mapping, parents]) =>
    relationsOf(mapping)
      .filter(({ onRemove }) => onRemove !== undefined)
      .flatMap((relation) => childrenOf(workspace, relation, parents, unstored)),
  );
}

function childrenOf(
  workspace: Workspace,
  relation: MappedRelation,
  parents: readonly object[],
  unstored: readonly object[],
): Family[] {
  loadTogether(workspace, relation, parents);
  const coming = byParent(relation, unstored);
  return parents.flatMap((parent) => {
    const value = knownState(parent).related?.get(relation.name);
    const children = new Set(value instanceof Collection ? value : value instanceof Object ? [value] : []);
    // What is stored may have gone, too.
    for (const child of coming.get(parent) ?? []) children.add(child);
    const own = [...children].filter(
      (child) => parentOf(child, relation) === parent && knownState(child).status !== 'transient',
    );
    return own.map((child) => ({ parent, relation, child }));
  });
}

function byParent(relation: MappedRelation, unstored: readonly object[]): Map<unknown, object[]> {
  const children = new Map<unknown, object[]>();
  const { owner, target, foreignKey } = relation;
  const replaced = new Set(unstored.map((each) => newKey(each, owner)));
  for (const child of unstored) {
    const { mapping, references } = knownState(child);
    if (mapping !== target) continue;
    const key = references?.has(foreignKey) ? undefined : storedIn(child, foreignKey);
    // Another parent takes the place of the removed one, and those who have its key are its own.
    if (key !== undefined && replaced.has(identity(key))) continue;
    const parent = parentOf(child, relation);
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [child]);
    else known.push(child);
  }
  return children;
}

function newKey(instance: object, owner: Mapping): unknown {
  const { mapping, row } = knownState(instance);
  const key = mapping === owner && row === undefined ? storedIn(instance, owner.key) : undefined;
  return key && identity(key);
}

function refuseWhileThere({ parent, relation: { place, name }, child }: Family): void {
  const { status } = knownState(child);
  if (status === 'removed' || status === 'detached') return;
  const { mapping } = knownState(parent);
  const key = mapping.key.map(({ property }) => String((parent as Record<string, unknown>)[property])).join(', ');
  throw new EntityStateError({
    entity: `${mapping.name} ${key}`,
    problem: `cannot be removed: there is something in ${place}`,
    wayOut: `Remove or move its ${name} first, or declare the relation with onRemove: 'delete' or 'nullify'.`,
  });
}
