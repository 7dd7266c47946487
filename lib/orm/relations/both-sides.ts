import { EntityStateError, valueError } from '../../errors.js';
import { type ForeignKey, isCollection, type MappedRelation, storedIn, type Through } from '../mapping/mapping.js';
import { knownState, type Reference, relate, stateOf } from '../state.js';
import { Collection, type CollectionListener } from './collection.js';

/** Keeps both sides of a relation in step, in memory, and notes what a flush has to write. */
const listener: CollectionListener = {
  refuse: refuseMember,
  added(owner, relation, member) {
    knownState(owner).session?.include(member);
    if (relation.kind === 'manyToMany') pair(owner, relation, member, 'link');
    else setParent(member, relation, relation.inverse, owner);
  },
  removed(owner, relation, member) {
    if (relation.kind === 'manyToMany') pair(owner, relation, member, 'unlink');
    else if (parentOf(member, relation) === owner) setParent(member, relation, relation.inverse, null);
  },
  isRemoved: (member) => member instanceof Object && stateOf(member)?.status === 'removed',
};

/** A relation of many with the members that it has in the database. */
export function collectionOf(owner: object, relation: MappedRelation, members: readonly object[]): Collection {
  const collection = relate(owner, relation.name, new Collection(owner, relation, members, listener));
  knownState(owner).session?.watch(collection);
  return collection;
}

/** A relation to one is assigned. */
export function assignOne(instance: object, relation: MappedRelation, value: object | null): void {
  if (value !== null) refuseMember(instance, relation, value);
  // Loaded now if it was not: whom it takes the place of has to be known, before something incomplete could be flushed.
  const before = relation.kind === 'hasOne' ? (instance as Record<string, unknown>)[relation.name] : undefined;
  if (value !== null) knownState(instance).session?.include(value);
  if (relation.kind === 'belongsTo') return setParent(instance, relation.inverse, relation, value);
  if (before instanceof Object && before !== value) setParent(before, relation, relation.inverse, null);
  relate(instance, relation.name, value);
  if (value !== null) setParent(value, relation, relation.inverse, instance);
}

/**
 * A child's foreign key goes to a parent, or to none: noted with the child, and shown by its former parent and the new
 * one where these have the relation in memory. `down` is the relation as the parents see it, `up` as the child does.
 */
function setParent(
  child: object,
  down: MappedRelation | undefined,
  up: MappedRelation | undefined,
  parent: object | null,
): void {
  const either = (up ?? down) as MappedRelation;
  const former = parentOf(child, either);
  if (parent !== null) knownState(child).session?.include(parent);
  refer(child, either.foreignKey, { parent, isOrphan: parent === null && down?.deletesOrphans === true });
  if (up !== undefined) relate(child, up.name, parent);
  if (down === undefined) return;
  if (former !== undefined && former !== null && former !== parent) show(former, down, child, false);
  if (parent === null) return;
  show(parent, down, child, true);
  // It may not be complete yet, so it is not added for that.
  if (knownState(child).status === 'transient') knownState(parent).session?.expect(child);
}

/** Whether a parent's relation, as it is in memory, has this child. */
export function isShown(parent: object, down: MappedRelation, child: object): boolean {
  const shown = knownState(parent).related?.get(down.name);
  return shown === child || (shown instanceof Collection && shown.includes(child));
}

/** A child stays behind without its parent, which is removed: it is no orphan for that. */
export function leaveParent(child: object, { foreignKey, inverse }: MappedRelation): void {
  refer(child, foreignKey, { parent: null, isOrphan: false });
  if (inverse !== undefined) relate(child, inverse.name, null);
}

/** The next flush sets a foreign key. */
export function refer(child: object, foreignKey: ForeignKey, reference: Reference): void {
  const state = knownState(child);
  state.references ??= new Map();
  state.references.set(foreignKey, reference);
  state.session?.touch(child);
}

/** Whose child it is, as far as memory knows: undefined where the parent is not loaded. */
export function parentOf(
  child: object,
  { kind, foreignKey, owner, target }: MappedRelation,
): object | null | undefined {
  const state = knownState(child);
  const reference = state.references?.get(foreignKey);
  if (reference !== undefined) return reference.parent;
  const key = storedIn(child, foreignKey);
  return key === undefined ? null : state.session?.find(kind === 'belongsTo' ? target : owner, key);
}

/** A parent's relation shows a child, or does not any more. Where it was never loaded there is nothing to keep in step. */
export function show(parent: object, down: MappedRelation, child: object, isChild: boolean): void {
  const state = knownState(parent);
  const shown = state.related?.get(down.name);
  if (isCollection(down)) {
    if (shown instanceof Collection) shown.follow(child, isChild);
    // What is new has no children in the database: these are all.
    else if (isChild && state.row === undefined) collectionOf(parent, down, []).follow(child, true);
  } else if (!isChild) {
    if (shown === child) relate(parent, down.name, null);
  } else if (shown !== child && (shown !== undefined || state.row === undefined)) {
    relate(parent, down.name, child);
    if (shown instanceof Object) setParent(shown, down, down.inverse, null);
  }
}

function pair(owner: object, relation: MappedRelation, member: object, change: 'link' | 'unlink'): void {
  const { inverse } = relation;
  const isLink = change === 'link';
  notePair(owner, relation, member, change);
  for (const same of overTheSame(relation)) if (same !== relation) showPair(owner, same, member, isLink);
  if (inverse === undefined) return;
  if (isLink && knownState(owner).status === 'transient') knownState(member).session?.include(owner);
  for (const same of overTheSame(inverse)) showPair(member, same, owner, isLink);
}

function showPair(owner: object, relation: MappedRelation, member: object, isMember: boolean): void {
  const { related, row } = knownState(owner);
  const shown = related?.get(relation.name);
  if (shown instanceof Collection) shown.follow(member, isMember);
  else if (isMember && row === undefined) collectionOf(owner, relation, []).follow(member, true);
}

/** An entity's relations over the same pairs, such as one that is sorted otherwise; the same list for each of them. */
export function overTheSame(relation: MappedRelation): MappedRelation[] {
  const { owner } = relation;
  return owner.relationNames.map((name) => owner.relation(name)).filter((each) => isOverTheSame(each, relation));
}
function isOverTheSame(one: MappedRelation, other: MappedRelation): boolean {
  if (one === other) return true;
  const [a, b] = [one.through, other.through];
  if (a === undefined || b === undefined || one.target !== other.target) return false;
  const pairs = ({ table, ownerColumns, targetColumns }: Through) => `${table} ${ownerColumns} ${targetColumns}`;
  return a.entity === b.entity && pairs(a) === pairs(b);
}

/** All of these tell of the same row: it is noted with one of them, so that what undoes a change finds it. */
function notePair(owner: object, relation: MappedRelation, member: object, change: 'link' | 'unlink'): void {
  const { inverse } = relation;
  if (inverse !== undefined && isSecond(relation, inverse)) return notePair(member, inverse, owner, change);
  const state = knownState(owner);
  const [first = relation] = overTheSame(relation);
  state.pairs ??= new Map();
  let members = state.pairs.get(first);
  if (members === undefined) state.pairs.set(first, (members = new Map()));
  const noted = members.get(member);
  if (noted !== undefined && noted !== change) members.delete(member);
  else members.set(member, change);
  state.session?.touch(owner);
}
const isSecond = (one: MappedRelation, other: MappedRelation): boolean =>
  `${one.through?.ownerColumns}` > `${other.through?.ownerColumns}`;

function refuseMember(owner: object, relation: MappedRelation, member: unknown): void {
  const state = typeof member === 'object' && member !== null ? stateOf(member) : undefined;
  if (state?.mapping !== relation.target)
    throw valueError(
      relation.place,
      member,
      `${isCollection(relation) ? 'entities' : 'an entity'} of ${relation.target.name}${isCollection(relation) ? '' : ' or null'}`,
    );
  const { session } = knownState(owner);
  if (state.session !== undefined && session !== undefined && state.session !== session)
    throw new EntityStateError({
      entity: state.mapping.name,
      problem: `belongs to another session than the ${relation.owner.name} whose ${relation.name} it would be`,
      wayOut: 'Load it in this session by its key.',
    });
  if (state.status === 'detached')
    throw new EntityStateError({
      entity: state.mapping.name,
      problem: `is detached and cannot be in ${relation.place}`,
      wayOut: 'Make a new one, or load it again.',
    });
}
