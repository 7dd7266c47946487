import type { RawRow } from '../../connection/connection.js';
import { LazyLoadRefusedError } from '../../errors.js';
import { identity } from '../identity-map.js';
import { isCollection, keyOf, type MappedColumn, type MappedRelation } from '../mapping/mapping.js';
import { selectIn, selectThrough, WINDOW } from '../query/select.js';
import { knownState, relate } from '../state.js';
import type { Workspace } from '../workspace.js';
import { collectionOf } from './both-sides.js';
import { reachedBy } from './loaded-relation.js';

/** The value of a relation at its first touch. */
export function loadLazily(workspace: Workspace, instance: object, name: string): unknown {
  const { mapping, refused } = knownState(instance);
  const relation = mapping.relation(name);
  if (!relation.isLazy || refused === 'all' || refused?.has(name))
    throw new LazyLoadRefusedError({ entity: mapping.name, relation: name, place: relation.place });
  loadRelation(workspace, instance, name);
  return knownState(instance).related?.get(name);
}

/** Loads a relation for an instance and for its siblings that lack it, with one statement. */
function loadRelation(workspace: Workspace, instance: object, name: string): void {
  const { mapping, siblings = [instance] } = knownState(instance);
  const window = siblings.includes(instance) ? siblings : [instance];
  loadTogether(workspace, mapping.relation(name), window);
}

/** Loads a relation for those of some instances that lack it, with one statement for a window of them. */
export function loadTogether(workspace: Workspace, relation: MappedRelation, instances: readonly object[]): void {
  const lacking = instances.filter((each) => lacks(workspace, each, relation));
  for (let start = 0; start < lacking.length; start += WINDOW)
    loadWindow(workspace, relation, lacking.slice(start, start + WINDOW));
}

function loadWindow(workspace: Workspace, relation: MappedRelation, window: readonly object[]): void {
  const { visits } = workspace;
  if (visits.areOver) loadAll(workspace, relation, window);
  else
    visits.apart(window, (some) => {
      loadAll(workspace, relation, some);
      return reachedBy(relation, some);
    });
}

function loadAll(workspace: Workspace, relation: MappedRelation, window: readonly object[]): void {
  if (relation.kind === 'belongsTo') loadParents(workspace, relation, window);
  else loadMembers(workspace, relation, window);
}

function loadParents(workspace: Workspace, relation: MappedRelation, window: readonly object[]): void {
  const { target, foreignKey, name } = relation;
  const { identities } = workspace;
  const missing = new Map<unknown, unknown[]>();
  for (const child of window) {
    const key = storedKey(child, foreignKey);
    if (key !== undefined && identities.get(target, key) === undefined) missing.set(identity(key), key);
  }
  if (missing.size > 0)
    workspace.hydrate(target, selectIn(workspace.connection, target, target.key, [...missing.values()]));
  for (const child of window) {
    const key = storedKey(child, foreignKey);
    relate(child, name, key === undefined ? null : (identities.get(target, key) ?? null));
  }
}

function loadMembers(workspace: Workspace, relation: MappedRelation, window: readonly object[]): void {
  const { connection } = workspace;
  const { target, owner, foreignKey, order, through, name } = relation;
  const keys = window.map((each) => keyOf(owner, knownState(each).row as RawRow));
  const rows =
    through === undefined
      ? selectIn(connection, target, foreignKey, keys, order)
      : selectThrough(connection, relation, keys);
  const ownerKey =
    through === undefined
      ? (row: RawRow) => foreignKey.map(({ index }) => row[index])
      : (row: RawRow) => row.slice(target.columns.length);
  const members = new Map<unknown, object[]>();
  const instances = workspace.hydrate(target, rows);
  rows.forEach((row, i) => {
    const member = instances[i] as object;
    if (knownState(member).status === 'removed') return;
    const of = identity(ownerKey(row));
    const known = members.get(of);
    if (known === undefined) members.set(of, [member]);
    else known.push(member);
  });
  window.forEach((instance, i) => {
    const found = members.get(identity(keys[i] as unknown[])) ?? [];
    if (isCollection(relation)) collectionOf(instance, relation, found);
    else relate(instance, name, found[0] ?? null);
  });
}

/** A window may hold instances of other entities, and such as are not stored any more, or not in this session. */
function lacks({ home }: Workspace, instance: object, { owner, name }: MappedRelation): boolean {
  const state = knownState(instance);
  return state.mapping === owner && state.session === home && state.row !== undefined && !state.related?.has(name);
}

function storedKey(instance: object, columns: readonly MappedColumn[]): unknown[] | undefined {
  const row = knownState(instance).row as RawRow;
  const key = columns.map(({ index }) => row[index]);
  return key.includes(null) ? undefined : key;
}
